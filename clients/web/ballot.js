/*
 * One voter's card of one round: what was chosen, what the server has recorded, what waits.
 *
 * It knows no page and no network. A choice counts as recorded only after its ack (or the versions
 * of a welcome); until then it is `wanted`, kept in `store` and sent again, same version and nonce.
 * A change of mind is a higher version with a nonce of its own.
 */
const PREFIX = "minping:vote:";

export function new_nonce() {
    const bytes = crypto.getRandomValues(new Uint8Array(8));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/* Names a credential in the store without spelling it: FNV-1a, twice. Not a secret. */
function credential_hash(credential) {
    const fold = (hash, text) => {
        for (let i = 0; i < text.length; i++) {
            hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
        }
        return (hash >>> 0).toString(16).padStart(8, "0");
    };
    return fold(0x811c9dc5, credential) + fold(0x5bd1e995, credential);
}

/* The store, or nothing kept where the browser allows none. */
export function stored(key, value) {
    try {
        if (value !== undefined) {
            localStorage.setItem(key, value);
        }
        return localStorage.getItem(key);
    } catch {
        return null;
    }
}

/* The card under `key`; an empty object where there is none or it is not ours. */
export function stored_card(key) {
    try {
        return JSON.parse(stored(key) || "{}");
    } catch {
        return {};
    }
}

function stored_keys() {
    try {
        return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    } catch {
        return [];
    }
}

/* Where this voter's card of a round is kept. */
export function card_key(log, round, credential) {
    return `${PREFIX}${log}:${round}:${credential_hash(credential)}`;
}

/* Removes every card of this device. */
export function forget_all() {
    stored_keys().forEach((key) => localStorage.removeItem(key));
}

/*
 * Removes the cards of other rounds. Returns how many choices of this voter in this log's earlier
 * rounds were never confirmed.
 */
export function forget_earlier(log, round, credential) {
    let unconfirmed = 0;
    for (const key of stored_keys().filter((one) => !one.startsWith(`${PREFIX}${log}:${round}:`))) {
        if (key.startsWith(`${PREFIX}${log}:`) && key.endsWith(credential_hash(credential))) {
            const items = stored_card(key).items ?? [];
            unconfirmed += items.filter((item) => item.wanted).length;
        }
        localStorage.removeItem(key);
    }
    return unconfirmed;
}

export class Ballot {
    #key;
    #flying = null; /* {id, item, version, choice}: sent, not answered; one at a time */

    /* Takes up what this device kept of the round, if anything. */
    constructor(log, round, item_count, credential) {
        this.#key = card_key(log, round, credential);
        this.round = round;
        this.receipt = "";
        this.closed = false;
        /*
         * version  highest recorded, 0: none       choice  the recorded one, null: not known here
         * wanted   {version, nonce, choice} not acknowledged yet, or null
         * note     "", "elsewhere", "overtaken", "late", "final" or "refused": what became of the
         *          last one
         */
        this.items = Array.from({ length: item_count }, () => {
            return { version: 0, choice: null, wanted: null, note: "" };
        });
        const kept = stored_card(this.#key);
        if (kept.items?.length === item_count) {
            this.items = kept.items;
            this.receipt = kept.receipt;
        }
    }

    /* Once the round has closed no choice stays on the device, only that it was made. */
    #save() {
        if (this.closed) {
            this.items.forEach((item) => (item.choice = null));
        }
        stored(this.#key, JSON.stringify({ receipt: this.receipt, items: this.items }));
    }

    /* The voter chose. False: that is what it was already. */
    press(index, choice) {
        const item = this.items[index];
        const standing = item.wanted ? item.wanted.choice : item.choice;
        if (choice === standing) {
            return false;
        }
        const flying = this.#flying?.item === index ? this.#flying.version : 0;
        const version = Math.max(item.version, item.wanted?.version ?? 0, flying) + 1;
        item.wanted = { version, nonce: new_nonce(), choice };
        item.note = "";
        this.#save();
        return true;
    }

    /* versions: the server's highest recorded for each item, the truth; empty: none. */
    welcomed(versions) {
        this.#flying = null;
        this.items.forEach((item, index) => {
            const version = versions[index] ?? 0;
            if (version !== item.version) {
                item.version = version;
                item.choice = null;
                item.note = version > 0 ? "elsewhere" : "";
            }
            if (item.wanted !== null && item.wanted.version < version) {
                item.wanted = null;
                item.note = "overtaken";
            }
        });
        this.#save();
    }

    /* The next cast to send, or null: everything is answered or one is under way. */
    next(id) {
        if (this.#flying !== null) {
            return null;
        }
        const item = this.items.findIndex((one) => one.wanted !== null);
        if (item < 0) {
            return null;
        }
        const { version, nonce, choice } = this.items[item].wanted;
        this.#flying = { id, item, version, choice };
        return { t: "cast", id, round: this.round, nonce, marks: [item, version, choice] };
    }

    /* The item under way, or -1. */
    get sending() {
        return this.#flying === null ? -1 : this.#flying.item;
    }

    /* The connection went, or the answer is long overdue: what was under way waits again. */
    lost() {
        this.#flying = null;
    }

    /* True: it was ours and is recorded. */
    acked(id, receipt) {
        if (this.#flying?.id !== id) {
            return false;
        }
        const { item: index, version, choice } = this.#flying;
        const item = this.items[index];
        this.#flying = null;
        this.receipt = receipt;
        item.version = version;
        item.choice = choice;
        item.note = "";
        if (item.wanted?.version === version) {
            item.wanted = null;
        }
        this.#save();
        return true;
    }

    /* Refused for now (busy, paused, storage): it waits and goes again later. True: ours. */
    postponed(id) {
        if (this.#flying?.id !== id) {
            return false;
        }
        this.#flying = null;
        return true;
    }

    /* Refused for good. recorded_version: with conflict and superseded, else 0. True: ours. */
    refused(id, reason, recorded_version) {
        if (this.#flying?.id !== id) {
            return false;
        }
        const { item: index, version } = this.#flying;
        const item = this.items[index];
        this.#flying = null;
        if (recorded_version > 0 && recorded_version !== item.version) {
            item.version = recorded_version;
            item.choice = null;
        }
        if (item.wanted?.version <= Math.max(version, recorded_version)) {
            item.wanted = null;
            const overtaken = reason === "conflict" || reason === "superseded";
            const note = reason === "closed" ? "late" : reason === "final" ? reason : "refused";
            item.note = overtaken ? "overtaken" : note;
        }
        this.#save();
        return true;
    }

    /* The round has closed: what waits is still sent once, for the server to say what it became. */
    close() {
        this.closed = true;
        this.#save();
    }

    get recorded_count() {
        return this.items.filter((item) => item.version > 0).length;
    }

    get waiting_count() {
        return this.items.filter((item) => item.wanted !== null).length;
    }
}
