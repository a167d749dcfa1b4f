// A certified OpenID provider (npm oidc-provider) as an organisation has one, for one story:
//
//   node provider.mjs LIBRARY SETTINGS.json
//
// Whoever types a name at its login page is of that name, with any password. Says `ready` when it listens.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';

const [, , library, file] = process.argv;
const { default: Provider } = await import(library);
const settings = JSON.parse(readFileSync(file, 'utf8'));

const pairs = {
  RS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
  EdDSA: ['ed25519', {}],
};
const { privateKey } = generateKeyPairSync(...pairs[settings.algorithm]);
const key = { ...privateKey.export({ format: 'jwk' }), use: 'sig', kid: 'one', alg: settings.algorithm };

const provider = new Provider(settings.issuer, {
  clients: [{
    client_id: settings.client_id,
    client_secret: settings.client_secret,
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
    redirect_uris: [],
    response_types: [],
    id_token_signed_response_alg: settings.algorithm,
  }],
  enabledJWA: { idTokenSigningAlgValues: [settings.algorithm] },
  features: { deviceFlow: { enabled: true }, devInteractions: { enabled: true } },
  conformIdTokenClaims: false,
  claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email', 'email_verified'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: `subject-${id}`,
      preferred_username: id,
      email: `${id}@corp.example`,
      email_verified: true,
      groups: JSON.parse(readFileSync(settings.groups, 'utf8'))[id] ?? [],
    }),
  }),
  ttl: { DeviceCode: settings.code_good_for, Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
  cookies: { keys: ['of this story'] },
  jwks: { keys: [key] },
});

const { hostname, port } = new URL(settings.issuer);
const tls = { cert: readFileSync(settings.certificate), key: readFileSync(settings.key) };
https.createServer(tls, provider.callback()).listen(Number(port), hostname, () => console.log('ready'));
