# Appraisals: every subject one after the other. For bash, to be sourced.

# One subject: strap, then strip and turnout while the hall votes, then the board of the close.
appraise() {
    local contest=$1 id=$2 zh=$3 en=$4 from=$5 slot_ms=$6
    [ -z "$overlay" ] || printf '%3d s  %s 正在测评 …  %s: voting\n' $((from / 1000)) "$zh" "$en"
    operator take lower strap "contest=$contest" "subject=$id"
    officer open "$contest" "$id"
    at $((from + slot_ms * 16 / 100))
    operator take lower strip "contest=$contest" "subject=$id"
    operator take bug turnout "contest=$contest"
    at $((from + slot_ms * ${vote_share:-70} / 100))
    officer close
    operator clear lower
    operator clear bug
    operator take fullscreen board "contest=$contest" "subject=$id"
    [ -z "$overlay" ] || at $((from + slot_ms * 97 / 100))
    operator clear fullscreen
    kill -0 "$server" ${overlay:+"$overlay"} || die "server or overlay has ended"
}

# appraise_all CONTEST SHARE_MS: all subjects of a contest, then the matrix, in so much time.
appraise_all() {
    local contest=$1 share_ms=$2 line of id zh en from=$cursor_ms count=0
    for line in "${subjects[@]}"; do
        [ "${line%%$'\x1f'*}" != "$contest" ] || count=$((count + 1))
    done
    local slot_ms=$((share_ms * 94 / 100 / count)) # the rest is the matrix's
    for line in "${subjects[@]}"; do
        IFS=$'\x1f' read -r of id zh en <<<"$line"
        [ "$of" = "$contest" ] || continue
        appraise "$contest" "$id" "$zh" "$en" "$from" "$slot_ms"
        from=$((from + slot_ms))
        at "$from"
        last_subject=$id
    done
    cursor_ms=$((cursor_ms + share_ms))
    if [ -n "$overlay" ]; then
        printf '%3d s  总表 the matrix of all\n' $((from / 1000))
        operator take fullscreen matrix "contest=$contest"
        at "$cursor_ms"
        [ "${#contests[@]}" -eq 1 ] || operator clear fullscreen
    fi
}
