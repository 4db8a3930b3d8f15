# Two series of sittings in compressed time, two at a time. For bash, to be sourced.

run_series() {
    local folder=$out/series name form held sitting began_s=$SECONDS
    mkdir -p "$folder"
    python3 -B "$demo/series.py" "$folder" "$count" >"$out/logs/sittings" || die "no sittings"
    held=$(wc -l <"$out/logs/sittings")
    echo "系列 series: $held 场 sittings, 同时两场 two at a time"
    while read -r sitting; do
        [ "$(jobs -pr | wc -l)" -lt 2 ] || wait -n
        "$demo/sitting" "$sitting" >>"$out/logs/series.log" </dev/null &
        mapfile -t children < <(jobs -pr)
    done <"$out/logs/sittings"
    wait
    children=()
    [ "$held" -le 20 ] && cat "$out/logs/series.log"
    check "各场一致 truth equals results, and verify, for all $held sittings" every_sitting "$held"
    for name in s2 s4; do
        for form in txt csv json; do
            check "汇总 series/$name.$form" minping series --file "$folder/$name.series.json" \
                --format "${form/txt/text}" -o "$folder/$name.$form"
        done
    done
    check "汇总与计划相符 both series say what was planned" python3 -B "$demo/series.py" --check \
        "$folder"
    for name in s2 s4; do
        grep -E '^(系列汇总|会议 [0-9]|应决定|作废 [0-9]|应选)' "$folder/$name.txt"
    done
    echo "$held 场 sittings, $((SECONDS - began_s)) s"
}

# every_sitting COUNT: so many sittings said that everything agrees, and no other said anything.
every_sitting() {
    grep -v '^✓' "$out/logs/series.log"
    [ "$(grep -c '^✓' "$out/logs/series.log")" -eq "$1" ]
}
