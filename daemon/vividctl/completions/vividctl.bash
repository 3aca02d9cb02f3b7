# bash completion for vividctl
_vividctl_jobs() {
  vividctl jobs --ids --limit 200 "$@" --timeout 2s 2>/dev/null
}

_vividctl() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local command='' inner='' i
  local socket=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --socket) socket=(--socket "${COMP_WORDS[i + 1]}"); ((i++)) ;;
      --timeout | --color) ((i++)) ;;
      -*) ;;
      *)
        if [[ -z $command ]]; then
          command=${COMP_WORDS[i]}
        elif [[ -z $inner ]]; then
          inner=${COMP_WORDS[i]}
        fi
        ;;
    esac
  done

  local everywhere='--socket --timeout --color --json --help' words=''
  case $before in
    --socket | --trace | --script | --storyboard | --message) COMPREPLY=($(compgen -f -- "$word")); return ;;
    --color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return ;;
    --modalities | --modality | --preferred) COMPREPLY=($(compgen -W 'text audio video images' -- "$word")); return ;;
    --state) COMPREPLY=($(compgen -W 'queued running completed failed quarantined cancelled' -- "$word")); return ;;
    --status) COMPREPLY=($(compgen -W 'pending validating retrieving generating_script generating_video processing_video notifying completed failed cancelled' -- "$word")); return ;;
    --via) COMPREPLY=($(compgen -W 'database socket' -- "$word")); return ;;
    --environment) COMPREPLY=($(compgen -W 'dev staging prod' -- "$word")); return ;;
    --resolution) COMPREPLY=($(compgen -W '720p 1080p 2160p' -- "$word")); return ;;
    --grade) COMPREPLY=($(compgen -W '9 10 11 12' -- "$word")); return ;;
    --priority) COMPREPLY=($(compgen -W '0 1 2 3 4 5 6 7 8 9' -- "$word")); return ;;
    --timeout | --reconnect | --limit | --request-id | --student | --database | --to | --patience | \
      --query | --interest | --topic | --voice | --organization | --correlation-id | --lease | --from | --by | --month | \
      --requests-per-day | --text-share | --days | --text-cost | --video-cost) return ;;
  esac

  case $command in
    '') words='submit watch wait jobs show cancel retry priority profile logs dead outbox status ping pause resume drain reload cache request fleet cost usage migrate completion --version' ;;
    submit)
      if [[ $word != -* ]]; then COMPREPLY=($(compgen -f -- "$word")); return; fi
      words='--modalities --priority --request-id --student --wait' ;;
    watch) words="--reconnect $(_vividctl_jobs "${socket[@]}" --state queued,running)" ;;
    wait) words="--reconnect $(_vividctl_jobs "${socket[@]}" --state queued,running)" ;;
    cancel) words=$(_vividctl_jobs "${socket[@]}" --state queued,running) ;;
    jobs) words='--state --limit --ids' ;;
    show) words=$(_vividctl_jobs "${socket[@]}") ;;
    retry) words=$(_vividctl_jobs "${socket[@]}" --state failed,quarantined,cancelled) ;;
    priority)
      if [[ -z $inner ]]; then
        words=$(_vividctl_jobs "${socket[@]}" --state queued)
      else
        words='0 1 2 3 4 5 6 7 8 9'
      fi ;;
    profile) words="--trace $(_vividctl_jobs "${socket[@]}")" ;;
    logs) words="--limit $(_vividctl_jobs "${socket[@]}")" ;;
    dead)
      case $inner in
        '') words='list show requeue' ;;
        list) words='--limit' ;;
        show) words=$(_vividctl_jobs "${socket[@]}" --state failed,quarantined) ;;
        requeue) words="--all $(_vividctl_jobs "${socket[@]}" --state failed,quarantined)" ;;
      esac ;;
    outbox)
      case $inner in
        '') words='list requeue' ;;
        list) words='--limit' ;;
        requeue) words='--all' ;;
      esac ;;
    cache) [[ -n $inner ]] || words='status clear' ;;
    pause | resume) words='intake cpu render net' ;;
    drain) words='--stop' ;;
    request)
      case $inner in
        '') words='show list cancel retry --student --query --grade --interest --modality --preferred --topic
          --resolution --voice --organization --correlation-id --request-id --script --storyboard --message --priority
          --environment --via --create-student --database --wait' ;;
        list) words='--database --status --limit' ;;
        *) words='--database' ;;
      esac ;;
    fleet) words='--database --lease' ;;
    cost)
      case $inner in
        '') words='report forecast' ;;
        report) words='--database --from --to --by' ;;
        forecast) words='--requests-per-day --text-share --days --text-cost --video-cost --from-history --database' ;;
      esac ;;
    usage) words='--database --month --student --organization --by --limit' ;;
    migrate)
      case $inner in
        '') words='status plan up down verify adopt' ;;
        plan) words='--database --down --to' ;;
        up | down) words='--database --to --dry-run --patience' ;;
        *) words='--database' ;;
      esac ;;
    status | ping | reload) ;;
    completion) words='bash zsh fish' ;;
  esac
  COMPREPLY=($(compgen -W "$words $everywhere" -- "$word"))
}
complete -F _vividctl vividctl
