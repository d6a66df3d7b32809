# bash completion for ozx; made by: ozx completion bash
_ozx() {
  local line=${COMP_LINE:0:COMP_POINT} words cur option verb="" part word value=""
  COMPREPLY=()
  # Not COMP_WORDS, which are cut at : and =. Without -r, a space after a backslash belongs to its word.
  read -a words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  cur=${words[${#words[@]}-1]}
  option=""
  [ ${#words[@]} -gt 2 ] && option=${words[${#words[@]}-2]}
  for word in "${words[@]:1:${#words[@]}-2}"; do
    case $word in
      -*) ;;
      help) [ -z "$verb" ] && verb=help ;;
      *) if [ -z "$verb" ] || [ "$verb" = help ]; then verb=$word; fi; break ;;
    esac
  done
  case $cur in
    --*=*) option=${cur%%=*} value=${cur#*=} ;;
    *) value=$cur ;;
  esac
  if [ -z "$verb" ] || [ "$verb" = help ]; then
    COMPREPLY=($(compgen -W "convert plan run finish merge append edit info ls cat validate verify view thumbnail register fix salvage completion manual help -V --version -h --help" -- "$cur"))
    return
  fi
  case "$verb $option" in
    "convert --input"|"convert -i") return ;;
    "convert --output"|"convert -o") return ;;
    "convert --out-dir") _ozx_folder ;;
    "convert --as") COMPREPLY=($(compgen -W "ozx zarr" -- "$value")) ;;
    "convert --log") return ;;
    "convert --shard") COMPREPLY=($(compgen -W "auto none" -- "$value")) ;;
    "convert --codec") COMPREPLY=($(compgen -W "zstd zstd:5 blosc blosc:lz4:5:shuffle blosc:zstd:5:shuffle gzip:6 none" -- "$value")) ;;
    "convert --method") COMPREPLY=($(compgen -W "mean median mode min max stride" -- "$value")) ;;
    "convert --path") _ozx_image node ;;
    "convert --levels") _ozx_image level ;;
    "convert --leave-out") _ozx_image node ;;
    "convert --t") _ozx_image t ;;
    "convert --chunks") COMPREPLY=($(compgen -W "y=512,x=512 z=8,y=512,x=512 z=64,y=64,x=64" -- "$value")) ;;
    "convert --project") COMPREPLY=($(compgen -W "z=max z=mean z=sum z=min t=max" -- "$value")) ;;
    "convert --dtype") COMPREPLY=($(compgen -W "uint8 uint16" -- "$value")) ;;
    "convert --window") COMPREPLY=($(compgen -W "0..4095 0..65535" -- "$value")) ;;
    "convert --memory") COMPREPLY=($(compgen -W "512MB 1GB 2GB" -- "$value")) ;;
    "convert --ome-zarr-version") COMPREPLY=($(compgen -W "0.4 0.5 0.6" -- "$value")) ;;
    "convert --jobs"|"convert -j") _ozx_nothing ;;
    "convert --header") COMPREPLY=($(compgen -W "Authorization:" -- "$value")) ;;
    "convert --max-metadata") COMPREPLY=($(compgen -W "64MB 200MB 1GB" -- "$value")) ;;
    "convert --axes") COMPREPLY=($(compgen -W "t c z" -- "$value")) ;;
    "convert --c") _ozx_image c ;;
    "convert --z") _ozx_image z ;;
    "convert --y") _ozx_image y ;;
    "convert --x") _ozx_image x ;;
    "plan --parts"|"plan -p") _ozx_nothing ;;
    "plan --output"|"plan -o") return ;;
    "plan --shard") COMPREPLY=($(compgen -W "auto none" -- "$value")) ;;
    "plan --codec") COMPREPLY=($(compgen -W "zstd zstd:5 blosc blosc:lz4:5:shuffle blosc:zstd:5:shuffle gzip:6 none" -- "$value")) ;;
    "plan --method") COMPREPLY=($(compgen -W "mean median mode min max stride" -- "$value")) ;;
    "plan --path") _ozx_image node ;;
    "plan --levels") _ozx_image level ;;
    "plan --leave-out") _ozx_image node ;;
    "plan --t") _ozx_image t ;;
    "plan --chunks") COMPREPLY=($(compgen -W "y=512,x=512 z=8,y=512,x=512 z=64,y=64,x=64" -- "$value")) ;;
    "plan --project") COMPREPLY=($(compgen -W "z=max z=mean z=sum z=min t=max" -- "$value")) ;;
    "plan --dtype") COMPREPLY=($(compgen -W "uint8 uint16" -- "$value")) ;;
    "plan --window") COMPREPLY=($(compgen -W "0..4095 0..65535" -- "$value")) ;;
    "plan --memory") COMPREPLY=($(compgen -W "512MB 1GB 2GB" -- "$value")) ;;
    "plan --ome-zarr-version") COMPREPLY=($(compgen -W "0.4 0.5 0.6" -- "$value")) ;;
    "plan --header") COMPREPLY=($(compgen -W "Authorization:" -- "$value")) ;;
    "plan --max-metadata") COMPREPLY=($(compgen -W "64MB 200MB 1GB" -- "$value")) ;;
    "plan --axes") COMPREPLY=($(compgen -W "t c z" -- "$value")) ;;
    "plan --c") _ozx_image c ;;
    "plan --z") _ozx_image z ;;
    "plan --y") _ozx_image y ;;
    "plan --x") _ozx_image x ;;
    "run --part"|"run -p") _ozx_nothing ;;
    "run --jobs"|"run -j") _ozx_nothing ;;
    "run --header") COMPREPLY=($(compgen -W "Authorization:" -- "$value")) ;;
    "run --max-metadata") COMPREPLY=($(compgen -W "64MB 200MB 1GB" -- "$value")) ;;
    "merge --layout") return ;;
    "merge --name") _ozx_nothing ;;
    "merge --ome-zarr-version") COMPREPLY=($(compgen -W "0.4 0.5 0.6" -- "$value")) ;;
    "merge --header") COMPREPLY=($(compgen -W "Authorization:" -- "$value")) ;;
    "merge --max-metadata") COMPREPLY=($(compgen -W "64MB 200MB 1GB" -- "$value")) ;;
    "append --well") _ozx_nothing ;;
    "append --acquisition") _ozx_nothing ;;
    "append --layout") return ;;
    "append --along") COMPREPLY=($(compgen -W "t c z" -- "$value")) ;;
    "append --header") COMPREPLY=($(compgen -W "Authorization:" -- "$value")) ;;
    "append --max-metadata") COMPREPLY=($(compgen -W "64MB 200MB 1GB" -- "$value")) ;;
    "edit --path") _ozx_image node ;;
    "edit --name") _ozx_nothing ;;
    "edit --scale") _ozx_nothing ;;
    "edit --unit") COMPREPLY=($(compgen -W "micrometer nanometer millimeter" -- "$value")) ;;
    "edit --channel") _ozx_image c ;;
    "edit --rename-channel") _ozx_image c ;;
    "edit --drop-channel") _ozx_image c ;;
    "edit --rename-well") _ozx_image node ;;
    "edit --acquisition") _ozx_nothing ;;
    "edit --from") return ;;
    "info --path") _ozx_image node ;;
    "info --header") COMPREPLY=($(compgen -W "Authorization:" -- "$value")) ;;
    "info --max-metadata") COMPREPLY=($(compgen -W "64MB 200MB 1GB" -- "$value")) ;;
    "info --axes") COMPREPLY=($(compgen -W "t c z" -- "$value")) ;;
    "ls --header") COMPREPLY=($(compgen -W "Authorization:" -- "$value")) ;;
    "ls --max-metadata") COMPREPLY=($(compgen -W "64MB 200MB 1GB" -- "$value")) ;;
    "cat --header") COMPREPLY=($(compgen -W "Authorization:" -- "$value")) ;;
    "cat --max-metadata") COMPREPLY=($(compgen -W "64MB 200MB 1GB" -- "$value")) ;;
    "validate --jobs"|"validate -j") _ozx_nothing ;;
    "validate --header") COMPREPLY=($(compgen -W "Authorization:" -- "$value")) ;;
    "validate --max-metadata") COMPREPLY=($(compgen -W "64MB 200MB 1GB" -- "$value")) ;;
    "verify --jobs"|"verify -j") _ozx_nothing ;;
    "verify --header") COMPREPLY=($(compgen -W "Authorization:" -- "$value")) ;;
    "verify --max-metadata") COMPREPLY=($(compgen -W "64MB 200MB 1GB" -- "$value")) ;;
    "verify --axes") COMPREPLY=($(compgen -W "t c z" -- "$value")) ;;
    "view --port"|"view -p") _ozx_nothing ;;
    "view --header") COMPREPLY=($(compgen -W "Authorization:" -- "$value")) ;;
    "view --max-metadata") COMPREPLY=($(compgen -W "64MB 200MB 1GB" -- "$value")) ;;
    "thumbnail --size"|"thumbnail -s") _ozx_nothing ;;
    "thumbnail --header") COMPREPLY=($(compgen -W "Authorization:" -- "$value")) ;;
    "thumbnail --max-metadata") COMPREPLY=($(compgen -W "64MB 200MB 1GB" -- "$value")) ;;
    "fix --output"|"fix -o") return ;;
    *)
      case $cur in
        --*=*) return ;;
        -*)
          case $verb in
            convert) COMPREPLY=($(compgen -W "-i --input -o --output --out-dir --as --log --shard --codec --pyramid --method --path --levels --leave-out --t --chunks --project --dtype --window --memory --ome-zarr-version --allow-missing --allow-damaged -j --jobs --resume --verify --thumbnail -n --dry-run -f --force -q --quiet --header --download --max-metadata --axes -h --help --c --z --y --x" -- "$cur")) ;;
            plan) COMPREPLY=($(compgen -W "-p --parts -o --output --shard --codec --pyramid --method --path --levels --leave-out --t --chunks --project --dtype --window --memory --ome-zarr-version --allow-missing --allow-damaged -f --force -q --quiet --header --download --max-metadata --axes -h --help --c --z --y --x" -- "$cur")) ;;
            run) COMPREPLY=($(compgen -W "-p --part -j --jobs -q --quiet --header --download --max-metadata -h --help" -- "$cur")) ;;
            finish) COMPREPLY=($(compgen -W "--abandon -q --quiet -h --help" -- "$cur")) ;;
            merge) COMPREPLY=($(compgen -W "--layout --name --collection --ome-zarr-version --verify -n --dry-run -f --force -q --quiet --header --download --max-metadata -h --help" -- "$cur")) ;;
            append) COMPREPLY=($(compgen -W "--well --acquisition --layout --along -n --dry-run -q --quiet --header --download --max-metadata -h --help" -- "$cur")) ;;
            edit) COMPREPLY=($(compgen -W "--path --name --scale --unit --channel --rename-channel --drop-channel --rename-well --acquisition --from --undo -n --dry-run -q --quiet -h --help" -- "$cur")) ;;
            info) COMPREPLY=($(compgen -W "-v --verbose --path --json --edit --header --download --max-metadata --axes -h --help" -- "$cur")) ;;
            ls) COMPREPLY=($(compgen -W "-l --long --json --header --download --max-metadata -h --help" -- "$cur")) ;;
            cat) COMPREPLY=($(compgen -W "--json --header --download --max-metadata -h --help" -- "$cur")) ;;
            validate) COMPREPLY=($(compgen -W "--deep -j --jobs --strict -v --verbose --json --jsonl -q --quiet --header --download --max-metadata -h --help" -- "$cur")) ;;
            verify) COMPREPLY=($(compgen -W "--bytes -j --jobs -q --quiet --header --download --max-metadata --axes -h --help" -- "$cur")) ;;
            view) COMPREPLY=($(compgen -W "--no-open --once -p --port --header --download --max-metadata -h --help" -- "$cur")) ;;
            thumbnail) COMPREPLY=($(compgen -W "-s --size --inside -q --quiet --header --download --max-metadata -h --help" -- "$cur")) ;;
            register) COMPREPLY=($(compgen -W "--remove -n --dry-run -h --help" -- "$cur")) ;;
            fix) COMPREPLY=($(compgen -W "-o --output -n --dry-run -f --force --tail-only -q --quiet -h --help" -- "$cur")) ;;
            salvage) COMPREPLY=($(compgen -W "--json -n --dry-run -f --force -q --quiet -h --help" -- "$cur")) ;;
            completion) COMPREPLY=($(compgen -W "-h --help" -- "$cur")) ;;
            manual) COMPREPLY=($(compgen -W "-h --help" -- "$cur")) ;;
          esac
          return ;;
        *)
          case $verb in
            ls) _ozx_image key ;;
            cat) _ozx_image key ;;
            completion) COMPREPLY=($(compgen -W "bash zsh fish powershell" -- "$value")) ;;
            # Without words of its own, readline completes file names.
            *) return ;;
          esac ;;
      esac ;;
  esac
  # Readline replaces only what follows the last : or =.
  if [[ $COMP_WORDBREAKS == *:* ]]; then
    part=${value%"${value##*[:=]}"}
    COMPREPLY=("${COMPREPLY[@]#"$part"}")
  fi
}

# What of the image on the line there is.
_ozx_image() {
  local found
  while IFS=$'\t' read -r found _; do
    [[ $found == "$value"* ]] && COMPREPLY+=("$found")
  done < <(ozx complete "$1" -- "${words[@]:2:${#words[@]}-3}" 2>/dev/null)
}

_ozx_folder() {
  local IFS=$'\n'
  COMPREPLY=($(compgen -d -- "$value"))
  compopt -o filenames 2>/dev/null
}

# Nothing that could be listed, files neither.
_ozx_nothing() {
  compopt +o default +o bashdefault 2>/dev/null
}

complete -o default -o bashdefault -F _ozx ozx
