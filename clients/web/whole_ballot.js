/*
 * One voter's ballot of an election, motion or poll: filled in here, then sent whole; or, where the
 * hall is asked item by item, sent one item at a time.
 *
 * It knows no page and no network. Nothing leaves before submit(), which a press on the item that
 * is asked does by itself; what was sent counts as recorded only after its ack (or the versions of
 * a welcome). Sent again after a change it has a higher version and a nonce of its own.
 */
import { card_key, new_nonce, stored, stored_card } from "./ballot.js";

const NAME_MAX = 30; /* characters of a name written in */

/* As the server reads it: blanks at the ends cut off. */
function name_of(text) {
    const plain = (text ?? "").replace(/^[ \u00a0\u3000]+|[ \u00a0\u3000]+$/g, "");
    return Array.from(plain).slice(0, NAME_MAX).join("");
}

export class WholeBallot {
    #key;
    #round;
    #blank; /* what an item that was left alone is sent as */
    #flying = null; /* {id, version}: sent, not answered */
    #asked = -1; /* place of the item that is asked now, or -1: the whole ballot */

    /*
     * items   places of what can be chosen on this ballot
     * lines   places of the lines for other names
     * blank   the choice that says nothing
     * Takes up what this device kept of the round, if anything.
     */
    constructor(log, round, { items, lines, blank }, credential) {
        this.#key = card_key(log, round, credential);
        this.#round = round;
        this.#blank = blank;
        this.item_places = items;
        this.line_places = lines;
        this.receipt = "";
        this.closed = false;
        this.version = 0; /* highest recorded, 0: none */
        this.versions = {}; /* the same by place, of what went item by item */
        this.choices = {}; /* by place, as the page shows them */
        this.names = {};
        this.changed = false; /* since it was sent */
        this.wanted = null; /* {version, nonce, marks, names, before} not acknowledged yet */
        this.note = ""; /* as of an item in ballot.js */
        const kept = stored_card(this.#key).whole;
        if (kept) {
            Object.assign(this, kept);
        }
    }

    /* Once the round is over no choice stays on the device, only that it was made. */
    #save() {
        if (this.closed) {
            this.choices = {};
            this.names = {};
        }
        const { receipt, version, versions, choices, names, changed, wanted, note } = this;
        const whole = { receipt, version, versions, choices, names, changed, wanted, note };
        stored(this.#key, JSON.stringify({ items: [{ wanted }], whole }));
    }

    /* From now on this item alone is asked; -1: the whole ballot. */
    ask(place) {
        if (place !== this.#asked) {
            this.#asked = place;
            this.changed = this.changed && place < 0; /* a name not sent in time is not sent */
        }
    }

    get asked() {
        return this.#asked;
    }

    /* Whether a press on the item may be taken. */
    takes(place) {
        return this.#asked < 0 || this.#asked === place;
    }

    /* Whether the item was recorded, item by item or with the whole ballot. */
    has(place) {
        return this.#asked < 0 ? this.version > 0 : (this.versions[place] ?? 0) > 0;
    }

    /* The voter chose; the same again takes it back. False: this item is not asked. */
    press(place, choice) {
        const before = this.choices[place] ?? null;
        if (!this.takes(place)) {
            return false;
        }
        if (this.choices[place] === choice) {
            delete this.choices[place];
        } else {
            this.choices[place] = choice;
        }
        this.changed = true;
        if (this.#asked >= 0) {
            this.submit();
            this.wanted.before = { place, choice: before };
        }
        this.#save();
        return true;
    }

    write(place, text) {
        this.names[place] = text;
        this.changed = true;
        this.#save();
    }

    /* Those chosen (choice 0), names written in included. */
    get chosen_count() {
        const named = this.line_places.filter((place) => name_of(this.names[place]) !== "");
        return this.item_places.filter((place) => this.choices[place] === 0).length + named.length;
    }

    submit() {
        const names = [];
        const version = Math.max(this.version, this.wanted?.version ?? 0) + 1;
        const items = this.item_places.filter((place) => this.takes(place));
        const marks = items.flatMap((place) => [
            place,
            version,
            this.choices[place] ?? this.#blank,
        ]);
        for (const place of this.line_places.filter((one) => this.takes(one))) {
            const name = name_of(this.names[place]);
            marks.push(place, version, name === "" ? 0 : names.push(name));
        }
        this.wanted = { version, nonce: new_nonce(), marks, names };
        this.changed = false;
        this.note = "";
        this.#save();
    }

    /* versions: the server's highest recorded for each item, the truth; empty: none. */
    welcomed(versions) {
        const version = Math.max(0, ...versions);
        this.#flying = null;
        if (version !== this.version) {
            this.version = version;
            this.note = version > 0 ? "elsewhere" : "";
        }
        this.versions = { ...versions };
        if (this.wanted !== null && this.wanted.version < version) {
            this.wanted = null;
            this.note = "overtaken";
        }
        this.#save();
    }

    next(id) {
        if (this.#flying !== null || this.wanted === null) {
            return null;
        }
        const { version, nonce, marks, names } = this.wanted;
        this.#flying = { id, version };
        const cast = { t: "cast", id, round: this.#round, nonce, marks };
        return names.length > 0 ? { ...cast, names } : cast;
    }

    get sending() {
        return this.#flying === null ? -1 : 0;
    }

    lost() {
        this.#flying = null;
    }

    acked(id, receipt) {
        if (this.#flying?.id !== id) {
            return false;
        }
        const { version } = this.#flying;
        this.#flying = null;
        this.receipt = receipt;
        this.version = version;
        this.note = "";
        if (this.wanted?.version === version) {
            this.#keep_versions(this.wanted.marks, version);
            this.wanted = null;
        }
        this.#save();
        return true;
    }

    #keep_versions(marks, version) {
        for (let i = 0; i < marks.length; i += 3) {
            this.versions[marks[i]] = version;
        }
    }

    /* An item that was refused shows again what it showed before. */
    #take_back() {
        const before = this.wanted?.before;
        if (before && before.choice === null) {
            delete this.choices[before.place];
        } else if (before) {
            this.choices[before.place] = before.choice;
        }
    }

    postponed(id) {
        const is_ours = this.#flying?.id === id;
        this.#flying = is_ours ? null : this.#flying;
        return is_ours;
    }

    refused(id, reason, recorded_version) {
        if (this.#flying?.id !== id) {
            return false;
        }
        this.#flying = null;
        this.version = Math.max(this.version, recorded_version);
        if (recorded_version > 0 && this.wanted !== null) {
            this.#keep_versions(this.wanted.marks, recorded_version);
        }
        this.#take_back();
        this.wanted = null;
        const notes = { conflict: "overtaken", superseded: "overtaken", closed: "late" };
        this.note = notes[reason] ?? (reason === "final" ? "final" : "refused");
        this.#save();
        return true;
    }

    close() {
        this.closed = true;
        this.#save();
    }

    get recorded_count() {
        return this.version > 0 ? 1 : 0;
    }

    get waiting_count() {
        return this.wanted === null ? 0 : 1;
    }
}
