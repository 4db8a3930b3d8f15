/*
 * What a round of an election, a motion or a poll came to, as elements. Texts are text nodes.
 *
 * It draws what the figures of a round that is over say, as minping-view(5) has them, and counts
 * nothing but shares of the base that it names.
 */
import { is_void, make, percent, shape, thousands } from "./page.js";
import { texts } from "./result_texts.js"; // server/text/*.json, made by the build
import { add_texts, label, say } from "./text.js";

add_texts(texts);

/* The profile a contest names, or an empty one. */
function rules_of(event, contest) {
    return event.rules?.find((one) => one.id === contest.rules) ?? {};
}

/* Without its tally a round that is over is void, or has ballots that wait for a ruling. */
function has_counts(figures) {
    return figures.items !== undefined && figures.decision !== "pending" && !is_void(figures);
}

function base_name(base) {
    return say(`result_base_${base}`);
}

function base_count(figures, base) {
    const counts = {
        registered: figures.registered,
        present: figures.present ?? figures.registered,
        issued: figures.issued,
        returned: figures.cast,
        valid: figures.valid_cards,
    };
    return counts[base] ?? 0;
}

/* The base of a round's shares: its name and how many it is; of a motion also what it needs. */
function base_of(event, contest, figures) {
    const rules = rules_of(event, contest);
    const election = figures.election ?? {};
    if (contest.kind === "election") {
        const { base, base_count: count, needed } = election;
        return { base: base ?? "", count: count ?? 0, needed: needed ?? 0 };
    }
    const base = (contest.kind === "motion" ? rules.majority?.base : rules.base) ?? "";
    const count = base_count(figures, base);
    const { num, den, inclusive } = rules.majority ?? {};
    const least = inclusive ? Math.ceil((count * num) / den) : Math.floor((count * num) / den) + 1;
    return { base, count, needed: contest.kind === "motion" ? least || 0 : 0 };
}

/* ---- one row ---- */

function mark_of(standing, is_poll) {
    const kind = { elected: 0, tied: 1 }[standing];
    const words = { elected: is_poll ? "shortlisted" : "elected", tied: "tied" };
    const word = words[standing] ?? (standing === "not" && !is_poll ? "not_elected" : "");
    const mark = make("span", `mark ${standing}`);
    if (kind !== undefined) {
        mark.append(shape(kind, 3));
    }
    if (word !== "") {
        mark.append(make("span", "", say(`result_${word}`)));
    }
    return mark;
}

/* A count with its share of the base that is named. */
function figure(word, count, { base, count: whole }) {
    const line = make("span", "figure");
    line.append(`${word} `, make("strong", "", thousands(count)));
    if (base !== "" && whole > 0) {
        const share = percent(count, whole);
        const text = say("result_share_of", { base: base_name(base), share });
        line.append(make("span", "share", text));
    }
    return line;
}

function plain(word, count) {
    return figure(word, count, { base: "", count: 0 });
}

/* counts by kind (good: for, poor: against, fair: abstain), each its part of the base. */
function bar_of(parts, whole) {
    const bar = make("div", "bar");
    bar.setAttribute("aria-hidden", "true");
    for (const [kind, count] of parts) {
        const part = make("span", kind);
        part.style.flexGrow = whole > 0 ? Math.min(count / whole, 1) : 0;
        bar.append(part);
    }
    return bar;
}

function row_of(name, mark, bar, figures) {
    const row = make("li", "standing");
    const counts = make("div", "figures");
    counts.append(...figures);
    row.append(make("h3", "", name), mark, bar, counts);
    return row;
}

/* ---- the rows of each kind ---- */

/* Candidates as they stood on the ballot, without those who did not. */
function places_of(contest, figures) {
    const people = contest.candidates ?? contest.options ?? [];
    const order = figures.election?.order ?? contest.order ?? [];
    const shown = order.filter((place) => place < people.length);
    const places = shown.length === people.length ? shown : people.map((_, place) => place);
    const standings = figures.election?.standings ?? [];
    return places.filter((place) => standings[place] !== "off" && figures.items[place]);
}

function election_rows(contest, figures, base) {
    const { standings = [], names = [] } = figures.election ?? {};
    const rows = places_of(contest, figures).map((place) => {
        const [votes, against, abstain] = figures.items[place];
        const parts = [
            ["good", votes],
            ["poor", against],
            ["fair", abstain],
        ];
        return row_of(
            label(contest.candidates[place].name),
            mark_of(standings[place] ?? "", false),
            bar_of(parts, base.count),
            [
                figure(say("choice_for"), votes, base),
                plain(say("result_against"), against),
                plain(say("choice_abstain"), abstain),
            ],
        );
    });
    const written = names.map(({ name, votes, standing }) =>
        row_of(
            `${name}${say("result_written_in")}`,
            mark_of(standing, false),
            bar_of([["good", votes]], base.count),
            [figure(say("choice_for"), votes, base)],
        ),
    );
    return [...rows, ...written];
}

function motion_rows(figures, base) {
    const kinds = ["good", "poor", "fair"];
    return ["choice_for", "result_against", "choice_abstain"].map((word, choice) => {
        const count = figures.items[0][choice] ?? 0;
        const bar = bar_of([[kinds[choice], count]], base.count);
        const votes = figure(say("result_votes"), count, base);
        return row_of(say(word), make("span", "mark"), bar, [votes]);
    });
}

/* Options and names written in, most votes first; equal ones as they stood on the ballot. */
function poll_rows(contest, figures, base) {
    const { standings = [], names = [] } = figures.election ?? {};
    const people = contest.candidates ?? contest.options ?? [];
    const options = places_of(contest, figures).map((place) => ({
        name: label(people[place].name),
        votes: figures.items[place][0],
        standing: standings[place] ?? "",
    }));
    const written = names.map(({ name, votes, standing }) => ({
        name: `${name}${say("result_written_in")}`,
        votes,
        standing,
    }));
    return [...options, ...written]
        .sort((a, b) => b.votes - a.votes)
        .map(({ name, votes, standing }) =>
            row_of(name, mark_of(standing, true), bar_of([["good", votes]], base.count), [
                figure(say("result_votes"), votes, base),
            ]),
        );
}

/* ---- what stands over and under the rows ---- */

function over_return(event, contest, figures) {
    const { cap } = rules_of(event, contest);
    const count = cap ? base_count(figures, cap) : 0;
    if (figures.state === "void" || !cap || figures.cast <= count) {
        return "";
    }
    return say("result_over_return", { cast: figures.cast, base: base_name(cap), count });
}

/* What was decided, in words. */
export function decision_of(event, contest, figures) {
    if (is_void(figures)) {
        const over = over_return(event, contest, figures);
        const key = figures.state === "void" ? "state_void" : "result_decision_void";
        return over !== "" ? over : say(key);
    }
    if (!has_counts(figures)) {
        return say("result_decision_pending");
    }
    const election = figures.election ?? {};
    const seats = {
        elected: election.seats,
        "run-off": election.run_off_seats,
        another: election.missing_seats,
        stopped: election.missing_seats,
    };
    const key = (figures.decision ?? "counted").replace("-", "_");
    return say(`result_decision_${key}`, { seats: seats[figures.decision] ?? 0 });
}

/* "首轮选举 第 1 轮"; of what has no stages the round alone. */
export function heading_of(figures) {
    const stage = figures.election?.stage;
    const round = say("result_round", { round: figures.round });
    return stage ? `${say(`result_stage_${stage.replace("-", "_")}`)}　${round}` : round;
}

function facts_of(figures, seats) {
    const facts = [
        ["seats", seats],
        ["registered", figures.registered],
        ["present", figures.present],
        ["issued", figures.issued],
        ["returned", figures.cast],
        ["paper", figures.paper],
        ["valid_cards", has_counts(figures) ? figures.valid_cards : undefined],
        ["void_cards", has_counts(figures) ? figures.void_cards : undefined],
    ];
    const line = make("p", "facts");
    for (const [key, count] of facts.filter((fact) => fact[1] !== undefined)) {
        line.append(make("span", key, say(`result_${key}`, { count: thousands(count) })));
    }
    return line;
}

function majority_of(event, contest, { base, count, needed }) {
    const { num, den, inclusive } = rules_of(event, contest).majority ?? {};
    if (base === "") {
        return "";
    }
    const values = { base: base_name(base), count: thousands(count), needed };
    if (contest.kind === "poll") {
        return say("result_share_base", values);
    }
    if (contest.kind === "election" && needed === 0) {
        return say("result_most_votes", values);
    }
    return say(`result_${num * 2 === den && !inclusive ? "majority" : "needed"}`, values);
}

/* Names of one standing by one of the two bases, in the order of the ballot. */
function names_of(contest, figures, list, key, standing) {
    const names = figures.election.names ?? [];
    return [
        ...places_of(contest, figures)
            .filter((place) => list?.[place] === standing)
            .map((place) => label(contest.candidates[place].name)),
        ...names
            .filter((name) => name[key] === standing)
            .map(({ name }) => `${name}${say("result_written_in")}`),
    ].join(say("comma"));
}

function reading_of(contest, figures, key) {
    const election = figures.election;
    const prefix = key === "disputed" ? "disputed_" : "";
    const list = key === "disputed" ? election.disputed : election.standings;
    const base = base_name(election[`${prefix}base`]);
    const count = election[key === "disputed" ? "disputed_count" : "base_count"] ?? 0;
    const needed = election[`${prefix}needed`] ?? 0;
    const elected = names_of(contest, figures, list, key, "elected");
    const tied = names_of(contest, figures, list, key, "tied");
    const run_off = election[`${prefix}run_off_seats`] ?? 0;
    const missing = election[`${prefix}missing_seats`] ?? 0;
    const names = elected === "" ? say("result_nobody") : elected;
    const parts = [say("result_by_elected", { names })];
    if (run_off > 0) {
        parts.push(say("result_by_tied", { names: tied, seats: run_off }));
    }
    if (missing > 0) {
        parts.push(say("result_by_missing", { seats: missing }));
    }
    const by = say("result_by_base", { base, count: thousands(count), needed });
    return make("li", "", `${by}${parts.join(say("result_semicolon"))}`);
}

/* E10: what came out by the rules' base, and by the other one. */
function readings_of(contest, figures) {
    const box = make("div", "readings");
    const base = base_name(figures.election.base);
    const list = make("ul");
    list.append(
        reading_of(contest, figures, "standing"),
        reading_of(contest, figures, "disputed"),
    );
    box.append(make("p", "", say("result_disputed", { base })), list);
    return box;
}

function rules_line(event, figures) {
    const { id, hash } = figures.rules;
    const title = label(event.rules?.find((one) => one.id === id)?.title) || id;
    return make("p", "small rules", say("result_rules", { title, id, hash }));
}

function reason_of(figures) {
    if (!figures.reason) {
        return [];
    }
    const key = is_void(figures) ? "result_void_reason" : "result_signed_reason";
    return [make("p", "reason", say(key, { reason: figures.reason }))];
}

function verdict_mark(decision) {
    const kind = { elected: 0, passed: 0, "run-off": 1, another: 1, "not-passed": 2 }[decision];
    return kind === undefined ? [] : [shape(kind, 3), " "];
}

/* The whole of a round: decision, turnout, majority, rows, both readings, rules. */
export function build_outcome(event, contest, figures) {
    const box = make("div", "outcome");
    const decision = make("p", `decision ${is_void(figures) ? "void" : (figures.decision ?? "")}`);
    decision.append(
        ...(has_counts(figures) ? verdict_mark(figures.decision) : []),
        make("span", "", decision_of(event, contest, figures)),
    );
    const seats = contest.kind === "election" ? figures.election?.seats : undefined;
    box.append(decision, ...reason_of(figures), facts_of(figures, seats));
    if (has_counts(figures)) {
        const base = base_of(event, contest, figures);
        const rows = {
            election: () => election_rows(contest, figures, base),
            motion: () => motion_rows(figures, base),
            poll: () => poll_rows(contest, figures, base),
        };
        const list = make("ol", "standings");
        list.append(...rows[contest.kind]());
        const majority = majority_of(event, contest, base);
        if (majority !== "") {
            box.append(make("p", "majority", majority));
        }
        box.append(list);
        const rest = figures.election?.name_rest ?? 0;
        if (rest > 0) {
            box.append(make("p", "small", say("result_names_rest", { count: rest })));
        }
        if (contest.kind === "election" && figures.election?.disputed_base) {
            box.append(readings_of(contest, figures));
        }
    }
    if (figures.rules) {
        box.append(rules_line(event, figures));
    }
    return box;
}
