# Elections, motions and polls: check-in, the steps before the vote, rounds until it is decided. For
# bash, to be sourced. vote_ms: how long a round is open; tail_ms: how long its end is on air;
# result_ms: how long what was decided is.

# check_in_open: before the keypads come.
check_in_open() { [ "$check_in" = none ] || officer checkin open; }

# check_in_close: at the door ("officer") a scanner tells of some at a time; pads ("pad") that
# connect are checked in by the server. Ends when nobody has come for a while.
check_in_close() {
    local seat last before=-1 present
    [ "$check_in" != none ] || return 0
    if [ "$check_in" = officer ]; then
        for ((seat = 1; seat <= seats; seat += 30)); do
            last=$((seat + 29 < seats ? seat + 29 : seats))
            officer checkin "$seat-$last"
        done
    fi
    until present=$(status_of present) && [ "$present" = "$before" ]; do
        before=$present
        sleep 0.1
    done
    officer checkin close
    echo "  签到 checked in: $present"
}

# One step of the rundown: what it is about is on air while it lasts.
step() {
    local id=$1 kind=$2 contest=$3 candidate=$4 zh=$5 en=$6 share_ms=$7
    [ -z "$overlay" ] || printf '%3d s  %s  %s\n' $((cursor_ms / 1000)) "$zh" "$en"
    officer step "$id" begun
    case $kind in
    recommendation | vote) hold_named "$contest" ;;
    speech)
        operator take lower strap "contest=$contest" "candidate=$candidate"
        cursor_ms=$((cursor_ms + share_ms))
        at $((cursor_ms - tail_ms / 2))
        operator clear lower
        at "$cursor_ms"
        ;;
    *)
        cursor_ms=$((cursor_ms + share_ms))
        at "$cursor_ms"
        ;;
    esac
    officer step "$id" ended
}

# hold_named CONTEST: unless it was held before: an appraisal's subjects, or rounds.
hold_named() {
    local line id kind zh en
    [[ $held != *" $1 "* ]] || return 0
    for line in "${contests[@]}"; do
        IFS=$'\x1f' read -r id kind zh en <<<"$line"
        [ "$id" = "$1" ] || continue
        held="$held $id "
        if [ "$kind" = appraisal ]; then
            appraise_all "$id" "$(share_ms_of appraisal "$id")"
        else
            hold "$id" "$kind" "$zh" "$en"
        fi
    done
}

# hold CONTEST KIND ZH EN: rounds of it until it is decided, at most five; then each is certified.
hold() {
    local contest=$1 kind=$2 zh=$3 en=$4 opening=() decision="" n round rounds=()
    for ((n = 1; n <= 5; n++)); do
        open_round "${opening[@]}" || return 0
        vote_round
        if [ "$void_first" = yes ] && [ "$n" -eq 1 ]; then
            officer void "$round" reason=计票前发现选票发放有误，重新投票
        else
            rounds+=("$round")
        fi
        decision=$(status_of decision)
        echo "  第 $round 轮 round $round: $decision"
        case $decision in
        another) slate ;;
        run-off | void) opening=() ;;
        *) break ;;
        esac
    done
    case $decision in
    elected | stopped | counted | passed | not-passed) ;;
    *) die "$contest is not decided after $((n - 1)) rounds: $decision" ;;
    esac
    for round in "${rounds[@]}"; do
        officer certify "$round"
    done
    show_result
}

# show_result: what was decided, with a fingerprint of the results as they are now.
show_result() {
    local hash
    [ -n "$overlay" ] || return 0
    hash=$(desk "$officer" results --format json | sha256sum) || die "no results"
    operator take fullscreen result "contest=$contest" "qr=$listen/#${hash:0:16}" \
        "fingerprint=${hash:0:4} ${hash:4:4} ${hash:8:4} ${hash:12:4}"
    cursor_ms=$((cursor_ms + result_ms))
    at "$cursor_ms"
    operator clear fullscreen
}

# slate: who stands in another election: of one seat the two with the most votes.
slate() {
    desk "$officer" results --format json -o "$out/logs/slate.json" || die "no results"
    opening=("candidates=$(python3 -B "$demo/plan.py" --slate "$out/logs/slate.json" "$contest")")
    echo "  另行选举 another election among ${opening[0]#*=}"
}

# open_round PARAMETER…: its number is in $round. 1: there is no quorum, and none was expected.
open_round() {
    local said
    operator clear fullscreen # the race of the round before
    [ -z "$overlay" ] || printf '%3d s  %s 正在投票 …  %s: voting\n' $((cursor_ms / 1000)) "$zh" "$en"
    if said=$(desk "$officer" open "$contest" "$@" "seconds=$((vote_ms / 500 + 5))" 2>&1); then
        [ "$expect" != no-quorum ] || die "opened, though there should have been no quorum"
        [[ $said =~ ([0-9]+)$ ]] || die "open: $said"
        round=${BASH_REMATCH[1]}
        return 0
    fi
    [[ $expect = no-quorum && $said = *E2* ]] || die "open $contest: $said"
    echo "  未达法定人数 no quorum: ${said#minping: }"
    operator take bug turnout "contest=$contest"
    at $((cursor_ms + tail_ms))
    operator clear bug
    return 1
}

# The hall votes until everybody has, or for so long as is planned on air; what needs a ruling is
# ruled before anything is decided. Of an election the race is on air before the close, and stays.
vote_round() {
    local until_ms=$((cursor_ms + vote_ms))
    operator take bug turnout "contest=$contest"
    if [ -n "$overlay" ]; then
        at $((until_ms - tail_ms / 2))
        if [ "$kind" = election ]; then
            operator clear bug
            operator take fullscreen race "contest=$contest"
        fi
        at "$until_ms"
    else
        until_ms=$(($(clock_ms) + vote_ms))
        until everybody_voted || [ "$(clock_ms)" -ge "$until_ms" ]; do
            sleep 0.05
        done
    fi
    officer close "$round"
    rule_cases
    cursor_ms=$((cursor_ms + vote_ms + tail_ms))
    [ -z "$overlay" ] || at $((cursor_ms - tail_ms / 4))
    operator clear bug
    [ -z "$overlay" ] || at "$cursor_ms"
    kill -0 "$server" ${overlay:+"$overlay"} || die "server or overlay has ended"
}

everybody_voted() {
    local said
    said=$(desk "$officer" status --format json)
    [[ $said =~ \"cast\":([0-9]+) ]] || return 1
    local cast=${BASH_REMATCH[1]}
    [[ $said =~ \"issued\":([0-9]+) ]] && [ "$cast" -ge "${BASH_REMATCH[1]}" ]
}

# Each card in doubt: the name that was written without a × does not count, the rest does (W7).
rule_cases() {
    local number numbers times=0
    until status_is pending 0; do
        numbers=$(desk "$officer" cases "$round" --format json | grep -o '"number":[0-9]*')
        for number in $numbers; do
            officer adjudicate "$round" "${number#*:}" drop reason=未投不赞成票而另选他人，另选部分无效
        done
        times=$((times + 1))
        [ "$times" -lt 100 ] || die "cases of round $round do not end"
        echo "  裁定 cards ruled on: $(wc -w <<<"$numbers")"
    done
}
