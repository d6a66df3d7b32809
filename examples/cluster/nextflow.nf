// One .ozx by several tasks: nextflow run nextflow.nf --input /data/plate.zarr --output /data/plate.ozx --parts 8
// The input and the output are paths that all tasks see, or s3:// addresses; plan.json is staged by Nextflow.
params.parts = 8
params.options = ''

process OZX_PLAN {
    label 'process_single'

    output:
    path 'plan.json'

    script:
    """
    ozx plan '${params.input}' '${params.output}' --parts ${params.parts} -o plan.json ${params.options}
    """
}

process OZX_RUN {
    label 'process_low'
    errorStrategy { task.exitStatus in [7, 74, 137, 143] ? 'retry' : 'finish' }
    maxRetries 2

    input:
    tuple path(plan), val(part)

    output:
    val part

    script:
    """
    ozx run ${plan} --part ${part} --jobs ${task.cpus}
    """
}

process OZX_FINISH {
    label 'process_single'

    input:
    path plan
    val parts

    script:
    """
    ozx finish ${plan}
    """
}

workflow {
    plan = OZX_PLAN()
    parts = plan.flatMap { file -> (0..<new groovy.json.JsonSlurper().parse(file).parts) as List }
    done = OZX_RUN(plan.combine(parts))
    OZX_FINISH(plan, done.collect())
}
