"""A peer: PostgreSQL 15 in a cluster of its own, on a Unix socket, started and stopped here.

Each payment is a function call that does the same work: the fact, unique by provider and id, three commissions by
walking the referrers, a double entry for each, balances of payer and beneficiaries. Or a function takes a whole batch,
set by set. fsync and synchronous_commit are on. pgbench, PostgreSQL's own, is the client.
"""
import glob
import os
import pwd
import shutil
import subprocess
import tempfile

from .tools import Failure, demand

SCHEMA = """
CREATE TABLE users(id int PRIMARY KEY, name text NOT NULL, referrer int,
    pending bigint NOT NULL DEFAULT 0, payments bigint NOT NULL DEFAULT 0, volume bigint NOT NULL DEFAULT 0)
    WITH (fillfactor = 50);
CREATE TABLE payments(number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, provider int NOT NULL, id text NOT NULL,
    payer int NOT NULL, amount bigint NOT NULL, at bigint NOT NULL, UNIQUE(provider, id));
CREATE TABLE entries(payment bigint NOT NULL, level int NOT NULL, member int NOT NULL, debit bigint NOT NULL,
    credit bigint NOT NULL, PRIMARY KEY(payment, level));
INSERT INTO users(id, name, referrer)
    SELECT i, 'u-' || lpad(i::text, 14, '0'),
        CASE WHEN i = 0 THEN NULL WHEN i <= 3 THEN i - 1 ELSE 3 + floor(random() * (i - 3))::int END
    FROM generate_series(0, {users} - 1) AS i;
CREATE UNIQUE INDEX ON users(name);

-- Half to even.
CREATE FUNCTION commission(amount bigint, rate bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT amount * rate / 1000000 + CASE WHEN 2 * (amount * rate % 1000000) > 1000000
        OR 2 * (amount * rate % 1000000) = 1000000 AND amount * rate / 1000000 % 2 = 1 THEN 1 ELSE 0 END $$;

-- Rows are taken from the payer upwards, and a referrer is older than whom it referred: no two calls wait for each other.
CREATE FUNCTION pay(p_id text, p_user text, p_amount bigint, p_at bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_payer int; v_member int; v_number bigint; v_earned bigint;
    v_rates bigint[] := ARRAY[200000, 100000, 50000];
BEGIN
    SELECT id, referrer INTO STRICT v_payer, v_member FROM users WHERE name = p_user;
    INSERT INTO payments(provider, id, payer, amount, at) VALUES (1, p_id, v_payer, p_amount, p_at)
        ON CONFLICT (provider, id) DO NOTHING RETURNING number INTO v_number;
    IF v_number IS NULL THEN RETURN false; END IF;
    UPDATE users SET payments = payments + 1, volume = volume + p_amount WHERE id = v_payer;
    FOR v_level IN 1..3 LOOP
        EXIT WHEN v_member IS NULL;
        v_earned := commission(p_amount, v_rates[v_level]);
        INSERT INTO entries VALUES (v_number, v_level, v_member, v_earned, v_earned);
        UPDATE users SET pending = pending + v_earned WHERE id = v_member RETURNING referrer INTO v_member;
    END LOOP;
    RETURN true;
END $$;

-- One batch at a time: two that touch the same users in another order would wait for each other for ever.
CREATE FUNCTION pay_batch(p_prefix text, p_count int, p_users int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_done bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(1);
    WITH given AS MATERIALIZED (
        SELECT p_prefix || lpad(i::text, 6, '0') AS id, 1000 + floor(random() * 9000)::bigint AS amount, i::bigint AS at,
            'u-' || lpad((3 + floor(random() * (p_users - 3))::int)::text, 14, '0') AS name
        FROM generate_series(1, p_count) AS i),
    fact AS (
        INSERT INTO payments(provider, id, payer, amount, at)
        SELECT 1, given.id, users.id, given.amount, given.at FROM given JOIN users ON users.name = given.name
        ON CONFLICT (provider, id) DO NOTHING RETURNING number, payer, amount),
    ways AS MATERIALIZED (
        SELECT fact.number, fact.payer, fact.amount, a.referrer AS one, b.referrer AS two, c.referrer AS three
        FROM fact JOIN users a ON a.id = fact.payer JOIN users b ON b.id = a.referrer JOIN users c ON c.id = b.referrer),
    legs AS (
        SELECT number, 1 AS level, one AS member, commission(amount, 200000) AS earned FROM ways
        UNION ALL SELECT number, 2, two, commission(amount, 100000) FROM ways
        UNION ALL SELECT number, 3, three, commission(amount, 50000) FROM ways),
    entered AS (
        INSERT INTO entries SELECT number, level, member, earned, earned FROM legs RETURNING member, credit),
    change AS (
        SELECT id, sum(pending) AS pending, sum(payments) AS payments, sum(volume) AS volume FROM (
            SELECT member AS id, credit AS pending, 0 AS payments, 0 AS volume FROM entered
            UNION ALL SELECT payer, 0, 1, amount FROM fact) AS parts GROUP BY id),
    changed AS (
        UPDATE users SET pending = users.pending + change.pending, payments = users.payments + change.payments,
            volume = users.volume + change.volume FROM change WHERE users.id = change.id RETURNING users.id)
    SELECT count(*) INTO v_done FROM fact;
    RETURN v_done;
END $$;
"""

ONE = r"""\set payer random(3, :users - 1)
\set amount random(1000, 9999)
\set n :n + 1
SELECT pay('p' || lpad(:run::int::text, 3, '0') || lpad(:client_id::int::text, 4, '0') || lpad(:n::int::text, 16, '0'),
    'u-' || lpad(:payer::int::text, 14, '0'), :amount::bigint, :n::bigint);
"""
BATCH = r"""\set n :n + 1
SELECT pay_batch('p' || lpad(:run::int::text, 3, '0') || lpad(:client_id::int::text, 4, '0') || lpad(:n::int::text, 10, '0'),
    :size::int, :users::int);
"""

SETTINGS = {
    "listen_addresses": "''", "shared_buffers": "'2GB'", "max_wal_size": "'8GB'", "checkpoint_timeout": "'30min'",
    "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "jit": "off", "max_connections": "64",
    "random_page_cost": "1.1", "work_mem": "'64MB'",
}


def programs():
    """Where PostgreSQL 15's programs are, or None."""
    places = glob.glob("/usr/lib/postgresql/15/bin")
    if places and os.path.exists(places[0] + "/pgbench"):
        return places[0]
    return None


class Cluster:
    """A running cluster; use it in a `with`."""

    def __init__(self, work, users):
        self.bin = programs()
        self.users = users
        self.run_number = 0
        # PostgreSQL does not run as root: the package's own user does it then.
        self.owner = "postgres" if os.geteuid() == 0 else None
        self.folder = self._folder(work)
        self.data = self.folder + "/data"

    def _folder(self, work):
        for parent in (work, "/var/tmp"):
            folder = tempfile.mkdtemp(prefix="postgres.", dir=parent)
            if self.owner is None:
                return folder
            os.chown(folder, pwd.getpwnam(self.owner).pw_uid, -1)
            if subprocess.run(["runuser", "-u", self.owner, "--", "test", "-w", folder]).returncode == 0:
                return folder
            os.rmdir(folder)
        raise Failure("no folder that PostgreSQL's user may write")

    def _call(self, *words, text=None):
        before = ["runuser", "-u", self.owner, "--"] if self.owner else []
        done = subprocess.run(
            before + [str(word) for word in words], input=text, capture_output=True, text=True, cwd=self.folder)
        if done.returncode != 0:
            raise Failure(f"{words[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def sql(self, text):
        return self._call(
            self.bin + "/psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-d", "postgres",
            text=text).strip()

    def __enter__(self):
        try:
            self._call(self.bin + "/initdb", "-D", self.data, "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
            options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
            self._call(
                self.bin + "/pg_ctl", "-D", self.data, "-w", "-l", self.folder + "/log", "-o",
                f"{options} -c unix_socket_directories='{self.folder}'", "start")
            self.sql(SCHEMA.format(users=self.users))
            self.sql("VACUUM ANALYZE; CHECKPOINT;")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            self._call(self.bin + "/pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")
        except Failure:
            pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def _bench(self, script, clients, seconds, payments_a_call):
        """Payments a second."""
        self.run_number += 1
        path = f"{self.folder}/script-{self.run_number}.sql"
        self._call("tee", path, text=script)
        before = int(self.sql("SELECT count(*) FROM payments"))
        answer = self._call(
            self.bin + "/pgbench", "-n", "-M", "prepared", "-c", clients, "-j", 2, "-T", seconds, "-f", path,
            "-D", f"users={self.users}", "-D", "n=0", "-D", f"size={payments_a_call}", "-D", f"run={self.run_number}",
            "-h", self.folder, "postgres")
        rate = next(float(line.split()[2]) for line in answer.splitlines() if line.startswith("tps"))
        self._check(before, payments_a_call, answer)
        return rate * payments_a_call

    def _check(self, before, payments_a_call, answer):
        """What must be true, or the run does not count."""
        calls = next(line for line in answer.splitlines() if line.startswith("number of transactions actually"))
        done = int(calls.split(":")[1].split("/")[0])
        after = int(self.sql("SELECT count(*) FROM payments"))
        demand(after == before + done * payments_a_call, "postgres: payments are missing")
        sums = self.sql(
            "SELECT (SELECT sum(pending) FROM users) = (SELECT sum(credit) FROM entries)"
            " AND (SELECT sum(debit - credit) FROM entries) = 0"
            " AND (SELECT sum(payments) FROM users) = (SELECT count(*) FROM payments)"
            " AND (SELECT sum(volume) FROM users) = (SELECT sum(amount) FROM payments)"
            " AND (SELECT count(*) FROM entries) = 3 * (SELECT count(*) FROM payments)")
        demand(sums == "t", "postgres: the books do not balance")

    def one_by_one(self, seconds, clients=32):
        return self._bench(ONE, clients, seconds, 1)

    def batches(self, seconds, size=8190, clients=2):
        return self._bench(BATCH, clients, seconds, size)
