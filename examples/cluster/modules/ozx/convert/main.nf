// Packs one image into an .ozx, in the form of nf-core's modules: copy the folder to modules/local/ozx/convert of a pipeline.
process OZX_CONVERT {
    tag "$meta.id"
    label 'process_medium'

    conda "${moduleDir}/environment.yml"
    container "${params.ozx_container ?: 'ozx'}"

    input:
    tuple val(meta), path(image)

    output:
    tuple val(meta), path("${prefix}.ozx"), emit: ozx
    path "versions.yml"                   , emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix   = task.ext.prefix ?: "${meta.id}"
    """
    ozx convert ${args} --jobs ${task.cpus} ${image} ${prefix}.ozx

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        ozx: \$(ozx --version | cut -d ' ' -f 2)
    END_VERSIONS
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.ozx

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        ozx: \$(ozx --version | cut -d ' ' -f 2)
    END_VERSIONS
    """
}
