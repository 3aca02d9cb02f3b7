# fish completion for vividctl
function __vividctl_jobs
    vividctl jobs --ids --limit 200 --timeout 2s $argv 2>/dev/null
end

function __vividctl_first
    not __fish_seen_subcommand_from submit watch wait jobs show cancel retry priority profile logs dead status ping pause resume drain reload migrate completion
end

function __vividctl_dead_first
    __fish_seen_subcommand_from dead; and not __fish_seen_subcommand_from list requeue; and test (count (commandline -opc)) -lt 3
end

complete -c vividctl -f
complete -c vividctl -l socket -r -F -d 'Socket of the daemon'
complete -c vividctl -l timeout -x -d 'How long to wait'
complete -c vividctl -l color -x -a 'auto always never' -d 'When to colour'
complete -c vividctl -l json -d 'Print JSON'
complete -c vividctl -s h -l help -d 'Print help'
complete -c vividctl -n __vividctl_first -l version -d 'Print the version'

complete -c vividctl -n __vividctl_first -a submit -d 'Hand in a request, script or storyboard'
complete -c vividctl -n __vividctl_first -a watch -d 'Follow one job, or all of them'
complete -c vividctl -n __vividctl_first -a wait -d 'Wait until jobs are final'
complete -c vividctl -n __vividctl_first -a jobs -d 'List jobs'
complete -c vividctl -n __vividctl_first -a show -d 'One job in full'
complete -c vividctl -n __vividctl_first -a cancel -d 'Stop jobs'
complete -c vividctl -n __vividctl_first -a retry -d 'Run failed or cancelled jobs again'
complete -c vividctl -n __vividctl_first -a priority -d 'Move a waiting job'
complete -c vividctl -n __vividctl_first -a profile -d 'Where the time of a job went'
complete -c vividctl -n __vividctl_first -a logs -d 'What was logged about a job'
complete -c vividctl -n __vividctl_first -a dead -d 'Jobs that failed for good'
complete -c vividctl -n __vividctl_first -a status -d 'How the daemon is'
complete -c vividctl -n __vividctl_first -a ping -d 'Whether a daemon answers'
complete -c vividctl -n __vividctl_first -a pause -d 'Start nothing new in a lane'
complete -c vividctl -n __vividctl_first -a resume -d 'Let a paused lane go on'
complete -c vividctl -n __vividctl_first -a drain -d 'Finish what runs, start nothing new'
complete -c vividctl -n __vividctl_first -a reload -d 'Read the configuration again'
complete -c vividctl -n __vividctl_first -a migrate -d 'The schema of the central database'
complete -c vividctl -n __vividctl_first -a completion -d 'Print a completion script'

complete -c vividctl -n '__fish_seen_subcommand_from submit' -F
complete -c vividctl -n '__fish_seen_subcommand_from submit' -l modalities -x -a 'text audio video images' -d 'What to make'
complete -c vividctl -n '__fish_seen_subcommand_from submit' -l priority -x -a '0 1 2 3 4 5 6 7 8 9' -d '0 last, 9 first'
complete -c vividctl -n '__fish_seen_subcommand_from submit' -l request-id -x -d 'Id of the request'
complete -c vividctl -n '__fish_seen_subcommand_from submit' -l student -x -d 'Student the lesson is for'
complete -c vividctl -n '__fish_seen_subcommand_from submit' -l wait -d 'Wait until it is final'
complete -c vividctl -n '__fish_seen_subcommand_from watch wait' -l reconnect -x -d 'How long a restart is waited for'
complete -c vividctl -n '__fish_seen_subcommand_from watch wait cancel priority' -a '(__vividctl_jobs --state queued,running)'
complete -c vividctl -n '__fish_seen_subcommand_from jobs' -l state -x -a 'queued running completed failed quarantined cancelled' -d 'Only these'
complete -c vividctl -n '__fish_seen_subcommand_from jobs' -l limit -x -d 'At most this many'
complete -c vividctl -n '__fish_seen_subcommand_from jobs' -l ids -d 'Whole ids only'
complete -c vividctl -n '__fish_seen_subcommand_from show profile logs; and not __fish_seen_subcommand_from dead' -a '(__vividctl_jobs)'
complete -c vividctl -n '__fish_seen_subcommand_from retry' -a '(__vividctl_jobs --state failed,quarantined,cancelled)'
complete -c vividctl -n '__fish_seen_subcommand_from profile' -l trace -r -F -d 'Write a trace'
complete -c vividctl -n '__fish_seen_subcommand_from logs' -l limit -x -d 'The last so many lines'
complete -c vividctl -n __vividctl_dead_first -a list -d 'Failed and quarantined jobs'
complete -c vividctl -n __vividctl_dead_first -a show -d 'One of them'
complete -c vividctl -n __vividctl_dead_first -a requeue -d 'Let them run again'
complete -c vividctl -n '__fish_seen_subcommand_from dead; and __fish_seen_subcommand_from list' -l limit -x -d 'At most this many'
complete -c vividctl -n '__fish_seen_subcommand_from dead; and __fish_seen_subcommand_from requeue' -l all -d 'Every dead letter'
complete -c vividctl -n '__fish_seen_subcommand_from dead; and __fish_seen_subcommand_from show requeue' -a '(__vividctl_jobs --state failed,quarantined)'
complete -c vividctl -n '__fish_seen_subcommand_from pause resume' -a 'intake cpu render net'
complete -c vividctl -n '__fish_seen_subcommand_from drain' -l stop -d 'Then end the daemon'
complete -c vividctl -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'
complete -c vividctl -n '__fish_seen_subcommand_from migrate; and test (count (commandline -opc)) -lt 3' -a 'status plan up down verify adopt'
complete -c vividctl -n '__fish_seen_subcommand_from migrate' -l database -x -d 'The database'
complete -c vividctl -n '__fish_seen_subcommand_from migrate; and __fish_seen_subcommand_from plan up down' -l to -x -d 'Revision to end at'
complete -c vividctl -n '__fish_seen_subcommand_from migrate; and __fish_seen_subcommand_from plan' -l down -d 'Of down instead of up'
complete -c vividctl -n '__fish_seen_subcommand_from migrate; and __fish_seen_subcommand_from up down' -l dry-run -d 'Print the SQL'
complete -c vividctl -n '__fish_seen_subcommand_from migrate; and __fish_seen_subcommand_from up down' -l patience -x -d 'How long to wait for locks'
