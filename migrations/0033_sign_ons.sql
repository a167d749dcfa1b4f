-- Sign-ons at the issuer of an organisation (OpenID Connect): the last one of each user together with each key that they had
-- shown, by its fingerprint; '' stands for none. What was signed on once may let that key in for some hours (oidc_remember).
CREATE TABLE sign_ons (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  user      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  key       TEXT NOT NULL,
  issuer    TEXT NOT NULL,
  subject   TEXT NOT NULL,
  signed_at INTEGER NOT NULL,
  UNIQUE (user, key)
) STRICT;

CREATE TRIGGER sign_on_forgotten AFTER DELETE ON sign_ons
BEGIN
  UPDATE permissions SET generation = generation + 1;
END;
