# What clients/demo/run and clients/demo/sitting share: a server, a hall, the desk's posts. For
# bash, to be sourced. $out: the folder of this run; $event: its file.

children=() faults=0 overlay="" expect="" void_first=no rounds_expected=1 hall_options=()

# die TEXT: stops here; whoever was started is ended by the trap.
die() {
    printf '%s\n' "$*" "日志 logs: $out/logs" >&2
    exit 1
}

end_children() {
    trap - EXIT INT TERM
    [ ${#children[@]} -eq 0 ] || kill -TERM "${children[@]}" 2>/dev/null
    wait
}

# start NAME COMMAND…: starts a program with its output in logs/; its process id is in $started.
start() {
    local name=$1
    shift
    "$@" >"$out/logs/$name.out" 2>"$out/logs/$name.log" &
    started=$!
    children+=("$started")
}

# wait_for TEXT COMMAND…: until the command succeeds, at most a minute.
wait_for() {
    local text=$1 until_ms=$(($(clock_ms) + 60000))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(clock_ms)" -lt "$until_ms" ] || die "waited too long for $text"
        sleep 0.05
    done
}

clock_ms() {
    echo $((${EPOCHREALTIME/./} / 1000))
}

# at MS: sleeps until MS milliseconds after the start of the programme.
at() {
    local left=$((started_ms + $1 - ${EPOCHREALTIME/./} / 1000))
    [ "$left" -le 0 ] || sleep "$((left / 1000)).$(printf %03d $((left % 1000)))"
}

# desk POST COMMAND…: one command at the desk.
desk() {
    local post=$1
    shift
    minping "$@" --url "$desk" --token-file "$out/data/tokens/$post.token"
}

# officer COMMAND…: the same; the demo ends when it fails.
officer() { desk "$officer" "$@" >>"$out/logs/desk.log" 2>&1 || die "minping $*: failed"; }

# operator COMMAND…: likewise; nothing where there is no overlay to see it.
operator() {
    [ -z "$overlay" ] || desk "$operator" "$@" >>"$out/logs/desk.log" 2>&1 ||
        die "minping $*: failed"
}

# status_of KEY: what the server's status says, without quotes.
status_of() {
    local said
    said=$(desk "$officer" status --format json) && [[ $said =~ \"$1\":\"?([^,\"}]*) ]] &&
        echo "${BASH_REMATCH[1]}"
}

status_is() { [ "$(status_of "$1")" = "$2" ]; }

# check TEXT COMMAND…: one line, and a fault when the command fails.
check() {
    local text=$1 log=$out/logs/check.log
    shift
    if "$@" >"$log" 2>&1; then
        echo "  ✓ $text"
    else
        echo "  ✗ $text: $(tail -n 3 "$log")"
        faults=$((faults + 1))
    fi
}

# What the demo needs to know of an event: plan.py prints it a line each, fields apart by \x1f. A
# file of the same name that ends in .demo says how its hall behaves, see s4-township.demo.
read_event() {
    local line plan
    minpingd --check --event "$event" >"$out/logs/check.log" 2>&1 ||
        die "活动文件有误 the event is refused: $(cat "$out/logs/check.log")"
    plan=$(python3 -B "$demo/plan.py" "$event") || die "cannot read '$event'"
    contests=() subjects=() steps=() places=0 appraisals=0
    while IFS= read -r line; do
        case ${line%%$'\x1f'*} in
        check-in) check_in=${line#*$'\x1f'} ;;
        tests) test_groups=${line#*$'\x1f'} ;;
        officer) officer=${line#*$'\x1f'} ;;
        operator) operator=${line#*$'\x1f'} ;;
        overlay) overlay_post=${line#*$'\x1f'} ;;
        places) places=${line#*$'\x1f'} ;;
        contest)
            contests+=("${line#*$'\x1f'}")
            [[ $line != *$'\x1fappraisal\x1f'* ]] || appraisals=$((appraisals + 1))
            ;;
        subject) subjects+=("${line#*$'\x1f'}") ;;
        step) steps+=("${line#*$'\x1f'}") ;;
        esac
    done <<<"$plan"
    [ ! -e "${event%.event.json}.demo" ] || . "${event%.event.json}.demo"
}

# start_server: a server, and how many keypads there are.
start_server() {
    start minpingd minpingd --event "$event" --data "$out/data" --listen 127.0.0.1:0 \
        --desk 127.0.0.1:0 --allow-unsafe-disk
    server=$started
    wait_for "minpingd" grep -q '^desk on ' "$out/logs/minpingd.out"
    listen=$(sed -n 's/^listening on //p' "$out/logs/minpingd.out")
    desk=$(sed -n 's/^desk on //p' "$out/logs/minpingd.out")
    local most
    most=$(awk -F, -v tests=",$test_groups," 'NR > 1 && !index(tests, "," $3 ",") { n++ }
        END { print n + 0 }' "$out/data/roll.csv")
    seats=${seats:-$most}
    [ "$seats" -le "$most" ] || die "the event has $most seats, fewer than $seats"
}

# start_hall RATE: the keypads, so many marks a second when all are at work.
start_hall() {
    local until=()
    [ "$appraisals" -ne "${#contests[@]}" ] || until=(--until-closed "${#subjects[@]}")
    start hall minping-hall --url "$listen" --roll "$out/data/roll.csv" --seats "$seats" \
        --resend 0.01 --revote 0.05 --rate "$1" "${hall_options[@]}" \
        --truth "$out/truth.json" --acks "$out/acks" "${until[@]}"
    hall=$started
    wait_for "the hall" status_is voters "$seats"
}

# end_hall: where every contest is an appraisal it ends by itself.
end_hall() {
    [ "$appraisals" -eq "${#contests[@]}" ] || kill -TERM "$hall"
    wait "$hall" || die "the hall ended with a fault: $(tail -n 1 "$out/logs/hall.log")"
}

# take_results FORM…: each a file results.FORM.
take_results() {
    local form
    for form in "$@"; do
        case $form in
        zh.txt) set -- text zh-CN ;;
        en.txt) set -- text en ;;
        *) set -- "$form" zh-CN ;;
        esac
        check "结果 results.$form" desk "$officer" results --format "$1" --lang "$2" \
            -o "$out/results.$form"
    done
}

# Truth and results hold the same; where no round was to be opened, none is in either.
compare_truth() {
    if [ "$expect" = no-quorum ]; then
        check "未开票 no round was held" python3 -B "$demo/plan.py" --no-round "$out/truth.json" \
            "$out/results.json"
    else
        check "票数一致 truth equals results, nothing unresolved" python3 -B \
            "$root/tests/support/same.py" "$out/truth.json" "$out/results.json"
    fi
}

end_server() {
    kill -TERM "$server"
    check "服务器 the server ended well" wait "$server"
    check "复核 minping verify" minping verify --data "$out/data" --acks "$out/acks"
}
