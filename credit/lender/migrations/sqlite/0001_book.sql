-- Amounts, hashes and ids are hexadecimal or decimal text, times Unix seconds. The same tables stand in ../postgres.
CREATE TABLE offers (
    nonce   TEXT PRIMARY KEY NOT NULL,
    offer   TEXT NOT NULL,              -- JSON of parlance_credit::Offer
    expiry  BIGINT NOT NULL
);
CREATE INDEX offers_expiry ON offers (expiry);

-- Accepted proofs. One an offer.
CREATE TABLE proofs (
    sha256   TEXT PRIMARY KEY NOT NULL,
    nonce    TEXT NOT NULL UNIQUE REFERENCES offers (nonce),
    facts    TEXT NOT NULL,             -- JSON of store::Facts
    received BIGINT NOT NULL,
    file     BLOB                       -- deleted after keep_days
);
CREATE INDEX proofs_received ON proofs (received);

-- Attestations that were signed. One a proof.
CREATE TABLE attestations (
    id        TEXT PRIMARY KEY NOT NULL,
    proof     TEXT NOT NULL UNIQUE REFERENCES proofs (sha256),
    attested  TEXT NOT NULL,            -- JSON of parlance_credit::api::Attested
    signature TEXT NOT NULL,            -- the borrower's, under the Application
    issued    BIGINT NOT NULL,
    opens     BIGINT NOT NULL,          -- until this second it can open or renew a line
    line      TEXT,                     -- the line that used it
    revoked   BIGINT
);
CREATE INDEX attestations_issued ON attestations (issued);
CREATE INDEX attestations_line ON attestations (line);
