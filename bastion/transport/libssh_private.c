#include "bastion/transport/libssh_private.h"

/* clang-format off: config.h first, then libssh's own order */
#include "config.h"
#include "libssh/buffer.h"
#include "libssh/crypto.h"
#include "libssh/kex.h"
#include "libssh/messages.h"
#include "libssh/misc.h"
#include "libssh/packet.h"
#include "libssh/pki.h"
#include "libssh/pki_priv.h"
#include "libssh/priv.h"
#include "libssh/session.h"
#include "libssh/socket.h"
#include "libssh/ssh2.h"
/* clang-format on */

/* Packet length and padding length, in front of a message (RFC 4253 section 6). */
enum { LENGTH_SIZE = 4, PREFIX_SIZE = 5 };
enum { FIRST_CONNECTION_MESSAGE = SSH2_MSG_GLOBAL_REQUEST, LAST_CONNECTION_MESSAGE = SSH2_MSG_CHANNEL_FAILURE };

_Static_assert(BASTION_SSH_LARGEST_MESSAGE + 256 <= MAX_PACKET_LEN, "padding and its length are of the packet too");

static bool is_connection_message(uint8_t type) {
  return type >= FIRST_CONNECTION_MESSAGE && type <= LAST_CONNECTION_MESSAGE;
}

void* bastion_ssh_socket(ssh_session session) { return session->socket; }

void bastion_ssh_has_no_home(ssh_session session) {
  char* identity = NULL;
  while ((identity = ssh_list_pop_head(char*, session->opts.identity_non_exp)) != NULL) free(identity);
  ssh_options_set(session, SSH_OPTIONS_SSH_DIR, "/dev/null");
}

void bastion_ssh_connected(ssh_session session, const char* software_version) {
  char line[256];
  ssh_socket_set_connected(session->socket, NULL);
  /* The key exchange hashes what is kept here, without the line's end. */
  int size = snprintf(line, sizeof line, "SSH-2.0-%s\r\n", software_version);
  session->clientbanner = strndup(line, (size_t)size - 2);
  ssh_socket_write(session->socket, line, (uint32_t)size);
}

/*
 * ssh_set_client_kex() leaves alone what is filled in already, and is what fills it in. Before the authentication it
 * adds the extensions that belong to the first key exchange only.
 */
void bastion_ssh_offer_host_keys(ssh_session session, const char* algorithms) {
  bool is_first = session->current_crypto == NULL;
  struct ssh_crypto_struct* next = session->next_crypto;
  if (next == NULL || next->client_kex.methods[SSH_KEX] != NULL ||
      (!is_first && (session->flags & SSH_SESSION_FLAG_AUTHENTICATED) == 0) || ssh_set_client_kex(session) != SSH_OK) {
    return;
  }
  char* copy = strdup(algorithms);
  if (copy == NULL) return;
  free(next->client_kex.methods[SSH_HOSTKEYS]);
  next->client_kex.methods[SSH_HOSTKEYS] = copy;
}

/* Not ssh_get_server_publickey(), which copies no certificates. */
ssh_string bastion_ssh_host_key(ssh_session session) {
  const struct ssh_crypto_struct* crypto = session->current_crypto;
  return crypto == NULL || crypto->server_pubkey == NULL ? NULL : bastion_ssh_public_blob(crypto->server_pubkey);
}

/*
 * libssh's filter has refused a packet that is otherwise whole and right: the one way to fail that leaves it as being
 * processed. The state it failed from was that of another key exchange.
 */
static bool is_stray(ssh_session session, enum ssh_session_state_e before) {
  return session->session_state == SSH_SESSION_STATE_ERROR && session->packet_state == PACKET_STATE_PROCESSING &&
         (session->flags & SSH_SESSION_FLAG_AUTHENTICATED) != 0 &&
         (before == SSH_SESSION_STATE_KEXINIT_RECEIVED || before == SSH_SESSION_STATE_DH) &&
         is_connection_message(session->in_packet.type);
}

/*
 * The same filter has refused it, but no key exchange goes on: it is one of those numbers that are for later, or for
 * the other side. OpenSSH's dispatch_protocol_error() is for all of them.
 */
static bool is_untimely(ssh_session session, enum ssh_session_state_e before) {
  return session->server && session->session_state == SSH_SESSION_STATE_ERROR &&
         session->packet_state == PACKET_STATE_PROCESSING && session->dh_handshake_state == DH_STATE_FINISHED &&
         (before == SSH_SESSION_STATE_AUTHENTICATING || before == SSH_SESSION_STATE_AUTHENTICATED);
}

/* A login is asked for, and there is one already: that is silently ignored (RFC 4252 section 5.3). */
static bool is_belated(ssh_session session, enum ssh_session_state_e before) {
  return before == SSH_SESSION_STATE_AUTHENTICATED && session->in_packet.type == SSH2_MSG_USERAUTH_REQUEST;
}

enum version_line { VERSION_LINE_MISSING, VERSION_LINE_INVALID, VERSION_LINE_VALID };

/* As kex_exchange_identification() of OpenSSH's kex.c has it for a client's first line. */
static enum version_line look_at_version_line(const uint8_t* data, size_t size) {
  const size_t longest = 127; /* of libssh */
  for (size_t i = 0; i < size && i <= longest; ++i) {
    if (data[i] == '\n') return i > 4 && memcmp(data, "SSH-", 4) == 0 ? VERSION_LINE_VALID : VERSION_LINE_INVALID;
    if (data[i] == '\0' || (i > 0 && data[i - 1] == '\r')) return VERSION_LINE_INVALID;
  }
  return size > longest ? VERSION_LINE_INVALID : VERSION_LINE_MISSING;
}

size_t bastion_ssh_receive(ssh_session session, uint8_t* data, size_t size, unsigned* strays) {
  enum ssh_session_state_e before = session->session_state;
  if (bastion_ssh_awaits_version(session)) {
    /* libssh is to see a whole line: it would change the part of one that is not. */
    enum version_line line = look_at_version_line(data, size);
    if (line == VERSION_LINE_MISSING) return 0;
    if (line == VERSION_LINE_INVALID) {
      ssh_set_error(session, SSH_FATAL, "the first line is no version of SSH");
      session->session_state = SSH_SESSION_STATE_ERROR;
      return size;
    }
  }
  size_t taken = session->socket_callbacks.data(data, size, session->socket_callbacks.userdata);
  if (*strays > 0 && is_stray(session, before)) {
    --*strays;
    session->session_state = before;
    ssh_reset_error(session);
    ssh_packet_process(session, session->in_packet.type);
    session->packet_state = PACKET_STATE_INIT;
  } else if (is_untimely(session, before)) {
    session->session_state = before;
    ssh_reset_error(session);
    session->packet_state = PACKET_STATE_INIT;
    if (!is_belated(session, before)) bastion_ssh_unimplemented(session);
  }
  return taken;
}

bool bastion_ssh_awaits_version(ssh_session session) {
  return session->server && session->session_state == SSH_SESSION_STATE_SOCKET_CONNECTED;
}

const char* bastion_ssh_client_version(ssh_session session) { return session->clientbanner; }

void bastion_ssh_unimplemented(ssh_session session) { ssh_packet_send_unimplemented(session, session->recv_seq - 1); }

size_t bastion_ssh_packet_size(ssh_session session) {
  if (session->packet_state != PACKET_STATE_SIZEREAD) return 0;
  struct ssh_crypto_struct* crypto = ssh_packet_get_current_crypto(session, SSH_DIRECTION_IN);
  size_t mac = crypto == NULL ? 0 : hmac_digest_len(crypto->in_hmac);
  return session->in_packet.len + sizeof(uint32_t) + mac;
}

bool bastion_ssh_failed(ssh_session session) {
  return session->session_state == SSH_SESSION_STATE_ERROR ||
         session->session_state == SSH_SESSION_STATE_DISCONNECTED || !ssh_socket_is_open(session->socket);
}

/* As ssh_kex_select_methods() leaves it, which stops at the first kind without a match. */
const char* bastion_ssh_unmatched(ssh_session session, const char** offered) {
  static const char* const kinds[] = {"key exchange", "host key type", "cipher",      "cipher",
                                      "MAC",          "MAC",           "compression", "compression"};
  struct ssh_crypto_struct* crypto = session->next_crypto;
  if (session->session_state != SSH_SESSION_STATE_ERROR || crypto == NULL ||
      strstr(ssh_get_error(session), "no match for method") == NULL) {
    return NULL;
  }
  const struct ssh_kex_struct* peer = session->server ? &crypto->client_kex : &crypto->server_kex;
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; ++i) {
    if (crypto->kex_methods[i] == NULL && peer->methods[i] != NULL) {
      *offered = peer->methods[i];
      return kinds[i];
    }
  }
  return NULL;
}

bool bastion_ssh_awaits_verdict(ssh_session session) { return session->auth.state == SSH_AUTH_STATE_PUBKEY_AUTH_SENT; }

const char* bastion_ssh_signature_algorithm(ssh_session session, const char* key_type) {
  enum ssh_keytypes_e type = ssh_key_type_from_name(key_type);
  if (type == SSH_KEYTYPE_UNKNOWN) return NULL;
  const char* name = ssh_key_get_signature_algorithm(session, type);
  return name != NULL && ssh_key_algorithm_allowed(session, name) ? name : NULL;
}

bool bastion_ssh_is_host_bound(ssh_session session) {
  return (session->extensions & SSH_EXT_PUBLICKEY_HOSTBOUND) != 0 && session->current_crypto != NULL &&
         session->current_crypto->server_pubkey != NULL;
}

/* Its filter takes PK_OK for an offer only, and SUCCESS for a signature only. */
void bastion_ssh_expect_verdict(ssh_session session, enum bastion_ssh_shown shown) {
  session->auth.current_method = SSH_AUTH_METHOD_PUBLICKEY;
  session->auth.state =
      shown == BASTION_SSH_SIGNED ? SSH_AUTH_STATE_PUBKEY_AUTH_SENT : SSH_AUTH_STATE_PUBKEY_OFFER_SENT;
}

enum bastion_ssh_verdict bastion_ssh_verdict(ssh_session session) {
  switch (session->auth.state) {
    case SSH_AUTH_STATE_PUBKEY_AUTH_SENT:
    case SSH_AUTH_STATE_PUBKEY_OFFER_SENT: return BASTION_SSH_PENDING;
    case SSH_AUTH_STATE_PK_OK:
    case SSH_AUTH_STATE_SUCCESS: return BASTION_SSH_ACCEPTED;
    case SSH_AUTH_STATE_FAILED:
    case SSH_AUTH_STATE_PARTIAL: return BASTION_SSH_DENIED;
    default: return BASTION_SSH_BROKEN;
  }
}

bool bastion_ssh_rekeying(ssh_session session) {
  return (session->flags & SSH_SESSION_FLAG_AUTHENTICATED) != 0 && session->dh_handshake_state != DH_STATE_FINISHED;
}

bool bastion_ssh_may_be_asked_for_keys(ssh_session session) {
  return (session->flags & SSH_SESSION_FLAG_AUTHENTICATED) != 0 && session->dh_handshake_state == DH_STATE_FINISHED;
}

/* As ssh_packet_kexdh_init() in server.c has it. */
const char* bastion_ssh_signature_wanted(ssh_session session) {
  if (!session->server || session->dh_handshake_state != DH_STATE_INIT || session->first_kex_follows_guess_wrong ||
      session->next_crypto == NULL) {
    return NULL;
  }
  return session->next_crypto->kex_methods[SSH_HOSTKEYS];
}

size_t bastion_ssh_queued(ssh_session session) {
  size_t size = 0;
  for (struct ssh_iterator* at = ssh_list_get_iterator(session->out_queue); at != NULL; at = at->next) {
    size += BASTION_SSH_QUEUED_OVERHEAD + ssh_buffer_get_len((ssh_buffer)at->data);
  }
  return size;
}

/* libssh puts a prefix in front of the message. With room left for it, it need not move the message. */
enum bastion_ssh_sent bastion_ssh_send(ssh_session session, const uint8_t* head, size_t head_size, const uint8_t* body,
                                       size_t body_size) {
  static const uint8_t room[PREFIX_SIZE] = {0};
  const struct ssh_iterator* last_queued = session->out_queue->end;
  if (ssh_buffer_add_data(session->out_buffer, room, sizeof room) < 0 ||
      ssh_buffer_add_data(session->out_buffer, head, (uint32_t)head_size) < 0 ||
      (body_size > 0 && ssh_buffer_add_data(session->out_buffer, body, (uint32_t)body_size) < 0)) {
    ssh_buffer_reinit(session->out_buffer);
    return BASTION_SSH_NOT_SENT;
  }
  ssh_buffer_pass_bytes(session->out_buffer, sizeof room);
  if (ssh_packet_send(session) == SSH_ERROR) return BASTION_SSH_NOT_SENT;
  return session->out_queue->end == last_queued ? BASTION_SSH_SENT : BASTION_SSH_QUEUED;
}

/* As ssh_packet_need_rekey() in packet.c; where it says yes, libssh is to decide. */
static bool is_rekey_due(ssh_session session, struct ssh_crypto_struct* crypto, size_t message_size) {
  const uint32_t most_packets = UINT32_C(1) << 31; /* RFC 4344 section 3.1 */
  const struct ssh_cipher_struct* out = crypto->out_cipher;
  const struct ssh_cipher_struct* in = crypto->in_cipher;
  uint64_t blocks = message_size / out->blocksize;
  if (out->packets == 0 && in->packets == 0) return false;
  if (session->opts.rekey_time != 0 &&
      ssh_timeout_elapsed(&session->last_rekey_time, (int)session->opts.rekey_time) != 0) {
    return true;
  }
  return out->packets > most_packets || in->packets > most_packets ||
         (out->max_blocks != 0 && out->blocks + blocks > out->max_blocks) ||
         (in->max_blocks != 0 && in->blocks + blocks > in->max_blocks);
}

static bool is_aead(const struct ssh_cipher_struct* cipher, enum ssh_hmac_e mac) {
  return cipher->aead_encrypt != NULL && cipher->lenfield_blocksize == LENGTH_SIZE &&
         (mac == SSH_HMAC_AEAD_POLY1305 || mac == SSH_HMAC_AEAD_GCM);
}

/* Behind the length, a packet is whole blocks, with 4 bytes of padding at least. */
static size_t padding_of(const struct ssh_cipher_struct* cipher, size_t message_size) {
  size_t block = cipher->blocksize;
  size_t padding = block - (PREFIX_SIZE - LENGTH_SIZE + message_size) % block;
  return padding < 4 ? padding + block : padding;
}

size_t bastion_ssh_sealed_size(ssh_session session, size_t message_size) {
  if (session->session_state != SSH_SESSION_STATE_AUTHENTICATED ||
      (session->flags & SSH_SESSION_FLAG_AUTHENTICATED) == 0 || session->dh_handshake_state != DH_STATE_FINISHED ||
      ssh_list_get_iterator(session->out_queue) != NULL || session->raw_counter != NULL) {
    return 0;
  }
  struct ssh_crypto_struct* crypto = ssh_packet_get_current_crypto(session, SSH_DIRECTION_BOTH);
  if (crypto == NULL || crypto->do_compress_out != 0 || !is_aead(crypto->out_cipher, crypto->out_hmac) ||
      message_size == 0 || message_size > MAX_PACKET_LEN || is_rekey_due(session, crypto, message_size)) {
    return 0;
  }
  return PREFIX_SIZE + message_size + padding_of(crypto->out_cipher, message_size) + hmac_digest_len(crypto->out_hmac);
}

/*
 * Random bytes for padding, each used once. They come many at a time: to ask OpenSSL for a few costs a system call (it
 * looks whether the process has forked), and that for each packet.
 */
static bool add_padding(uint8_t* padding, size_t size) {
  static _Thread_local uint8_t pool[4096];
  static _Thread_local size_t left = 0;
  if (left < size) {
    if (ssh_get_random(pool, sizeof pool, 0) == 0) return false;
    left = sizeof pool;
  }
  left -= size;
  memcpy(padding, pool + left, size);
  return true;
}

/* As packet_send2() and ssh_packet_encrypt() do it, counters included, but in place. */
bool bastion_ssh_seal(ssh_session session, uint8_t* packet, size_t packet_size, const uint8_t* head, size_t head_size,
                      const uint8_t* body, size_t body_size) {
  struct ssh_crypto_struct* crypto = ssh_packet_get_current_crypto(session, SSH_DIRECTION_BOTH);
  struct ssh_cipher_struct* cipher = crypto->out_cipher;
  static const uint8_t no_tag[DIGEST_MAX_LEN] = {0};
  uint8_t tag[DIGEST_MAX_LEN] = {0};
  size_t tag_size = hmac_digest_len(crypto->out_hmac);
  size_t message_size = head_size + body_size;
  size_t padding = padding_of(cipher, message_size);
  size_t open_size = PREFIX_SIZE + message_size + padding;
  if (open_size + tag_size == packet_size && add_padding(packet + PREFIX_SIZE + message_size, padding)) {
    uint32_t length = htonl((uint32_t)(open_size - LENGTH_SIZE));
    memcpy(packet, &length, sizeof length);
    packet[LENGTH_SIZE] = (uint8_t)padding;
    memcpy(packet + PREFIX_SIZE, head, head_size);
    if (body_size > 0) memcpy(packet + PREFIX_SIZE + head_size, body, body_size);
    cipher->aead_encrypt(cipher, packet, packet, open_size, tag, session->send_seq);
  }
  /* The cipher does not say when it fails, but a tag is the last thing it makes. */
  if (memcmp(tag, no_tag, sizeof tag) == 0) {
    ssh_set_error(session, SSH_FATAL, "a packet could not be encrypted");
    session->session_state = SSH_SESSION_STATE_ERROR;
    return false;
  }
  memcpy(packet + open_size, tag, tag_size);
  session->send_seq++;
  cipher->packets++;
  cipher->blocks += message_size / cipher->blocksize;
  return true;
}

static bool opens_in_place(ssh_session session) {
  struct ssh_crypto_struct* crypto = ssh_packet_get_current_crypto(session, SSH_DIRECTION_IN);
  return crypto != NULL && is_aead(crypto->in_cipher, crypto->in_hmac) && crypto->do_compress_in == 0;
}

/*
 * Stands in for libssh's own, which packet.c calls with what has been received (`source`) and room in its buffer. AEAD
 * decrypts in place. Of a connection message, libssh's buffer then gets what libssh looks at, padding length and
 * number: the rest is read where it lies, by bastion_ssh_connection_message(). Its size in that buffer is right.
 */
/* NOLINTBEGIN(bugprone-reserved-identifier): the names are the linker's */
int __real_ssh_packet_decrypt(ssh_session session, uint8_t* destination, uint8_t* source, size_t start, size_t size);
int __wrap_ssh_packet_decrypt(ssh_session session, uint8_t* destination, uint8_t* source, size_t start, size_t size);
int __wrap_ssh_packet_decrypt(ssh_session session, uint8_t* destination, uint8_t* source, size_t start, size_t size) {
  if (start != LENGTH_SIZE || !opens_in_place(session)) {
    return __real_ssh_packet_decrypt(session, destination, source, start, size);
  }
  uint8_t* opened = source + LENGTH_SIZE;
  int rc = __real_ssh_packet_decrypt(session, opened, source, start, size);
  if (rc != SSH_OK) return rc;
  bool only_looked_at = size >= 2 && is_connection_message(opened[1]);
  memcpy(destination, opened, only_looked_at ? 2 : size);
  return rc;
}
/* NOLINTEND(bugprone-reserved-identifier) */

uint8_t* bastion_ssh_connection_message(ssh_session session, ssh_buffer packet, uint8_t* received, size_t* size) {
  uint8_t* copy = bastion_ssh_packet(packet, size);
  return opens_in_place(session) ? received + PREFIX_SIZE : copy;
}

ssh_message bastion_ssh_next_message(ssh_session session) { return ssh_message_pop_head(session); }

/*
 * libssh's own packet handler reads the request from a buffer and queues a message when there is no reason against it.
 * It is called from inside no other handler, so that the queue has nothing else.
 */
bool bastion_ssh_verify_userauth(ssh_session session, const uint8_t* packet, size_t size) {
  ssh_buffer buffer = ssh_buffer_new();
  if (buffer != NULL && size > 0 && ssh_buffer_add_data(buffer, packet + 1, (uint32_t)(size - 1)) == SSH_OK) {
    ssh_packet_userauth_request(session, packet[0], buffer, NULL);
  }
  SSH_BUFFER_FREE(buffer);
  ssh_message message = ssh_message_pop_head(session);
  bool verified = message != NULL && message->type == SSH_REQUEST_AUTH &&
                  message->auth_request.method == SSH_AUTH_METHOD_PUBLICKEY &&
                  message->auth_request.signature_state == SSH_PUBLICKEY_STATE_VALID;
  ssh_message_free(message);
  return verified;
}

void bastion_ssh_expect_answers(ssh_session session, bool expected) {
  session->auth.state = expected ? SSH_AUTH_STATE_INFO : SSH_AUTH_STATE_NONE;
}

void bastion_ssh_authenticated(ssh_session session) { ssh_auth_reply_success(session, 0); }

void bastion_ssh_set_handlers(ssh_session session, ssh_packet_callbacks handlers) {
  ssh_packet_set_callbacks(session, handlers);
}

size_t bastion_ssh_session_id(ssh_session session, const uint8_t** id) {
  /* Stays the same through every later key exchange, while `used` of the current keys does not. */
  if (session->current_crypto == NULL) return 0;
  *id = session->current_crypto->session_id;
  return session->current_crypto->session_id_len;
}

static enum ssh_digest_e rsa_digest(ssh_session session) {
  const struct ssh_crypto_struct* crypto = session->current_crypto;
  const char* host_key = crypto == NULL ? NULL : crypto->kex_methods[SSH_HOSTKEYS];
  return host_key != NULL && strcmp(host_key, "rsa-sha2-256") == 0 ? SSH_DIGEST_SHA256 : SSH_DIGEST_SHA512;
}

ssh_string bastion_ssh_sign(ssh_session session, ssh_key key, const uint8_t* data, size_t size) {
  enum ssh_digest_e digest = SSH_DIGEST_AUTO;
  ssh_string blob = NULL;
  switch (ssh_key_type(key)) {
    case SSH_KEYTYPE_RSA: digest = rsa_digest(session); break;
    case SSH_KEYTYPE_ECDSA_P256: digest = SSH_DIGEST_SHA256; break;
    case SSH_KEYTYPE_ECDSA_P384: digest = SSH_DIGEST_SHA384; break;
    case SSH_KEYTYPE_ECDSA_P521: digest = SSH_DIGEST_SHA512; break;
    default: break;
  }
  ssh_signature signature = pki_do_sign(key, data, size, digest);
  if (signature == NULL) return NULL;
  if (ssh_pki_export_signature_blob(signature, &blob) < 0) blob = NULL;
  ssh_signature_free(signature);
  return blob;
}

ssh_string bastion_ssh_sign_as(ssh_key key, const char* algorithm, const uint8_t* data, size_t size) {
  ssh_string blob = NULL;
  if (ssh_key_type_from_signature_name(algorithm) != ssh_key_type(key)) return NULL;
  ssh_signature signature = pki_do_sign(key, data, size, ssh_key_hash_from_name(algorithm));
  if (signature == NULL) return NULL;
  if (ssh_pki_export_signature_blob(signature, &blob) < 0) blob = NULL;
  ssh_signature_free(signature);
  return blob;
}

static ssh_string string_of(const uint8_t* bytes, size_t size) {
  ssh_string string = ssh_string_new(size);
  if (string != NULL) ssh_string_fill(string, bytes, size);
  return string;
}

static ssh_key public_key_of(const uint8_t* bytes, size_t size) {
  ssh_key key = NULL;
  ssh_string blob = string_of(bytes, size);
  if (blob == NULL || ssh_pki_import_pubkey_blob(blob, &key) != SSH_OK) key = NULL;
  ssh_string_free(blob);
  return key;
}

bool bastion_ssh_is_signed_by(const uint8_t* blob, size_t blob_size, const uint8_t* signature, size_t signature_size,
                              const uint8_t* data, size_t size) {
  bool is_right = false;
  ssh_signature parsed = NULL;
  ssh_key key = public_key_of(blob, blob_size);
  ssh_string encoded = string_of(signature, signature_size);
  if (key != NULL && encoded != NULL && ssh_pki_import_signature_blob(encoded, key, &parsed) == SSH_OK) {
    is_right = pki_verify_data_signature(parsed, key, data, size) == SSH_OK;
  }
  ssh_signature_free(parsed);
  ssh_string_free(encoded);
  ssh_key_free(key);
  return is_right;
}

/* One of `flags` that libssh has no use for, and copies. */
enum { KEY_IS_ELSEWHERE = 0x4000 };

ssh_key bastion_ssh_key_elsewhere(const uint8_t* blob, size_t size) {
  ssh_key key = public_key_of(blob, size);
  if (key != NULL) key->flags |= SSH_KEY_FLAG_PRIVATE | KEY_IS_ELSEWHERE;
  return key;
}

/* NOLINTBEGIN(bugprone-reserved-identifier): the names are the linker's */
ssh_signature __real_pki_sign_data(ssh_key key, enum ssh_digest_e hash, const unsigned char* data, size_t size);
ssh_signature __wrap_pki_sign_data(ssh_key key, enum ssh_digest_e hash, const unsigned char* data, size_t size);
ssh_signature __wrap_pki_sign_data(ssh_key key, enum ssh_digest_e hash, const unsigned char* data, size_t size) {
  if (key == NULL || data == NULL || (key->flags & KEY_IS_ELSEWHERE) == 0) {
    return __real_pki_sign_data(key, hash, data, size);
  }
  ssh_string blob = bastion_ssh_public_blob(key);
  if (blob == NULL) return NULL;
  ssh_signature signature = NULL;
  ssh_string encoded = bastion_ssh_signed_elsewhere(ssh_key_signature_to_char(key->type, hash), ssh_string_data(blob),
                                                    ssh_string_len(blob), data, size);
  if (encoded == NULL || ssh_pki_import_signature_blob(encoded, key, &signature) != SSH_OK) signature = NULL;
  ssh_string_free(encoded);
  ssh_string_free(blob);
  return signature;
}
/* NOLINTEND(bugprone-reserved-identifier) */

size_t bastion_ssh_host_signature(ssh_session session, const uint8_t** signature) {
  if (session->server || session->next_crypto == NULL || session->next_crypto->dh_server_signature == NULL) return 0;
  *signature = ssh_string_data(session->next_crypto->dh_server_signature);
  return ssh_string_len(session->next_crypto->dh_server_signature);
}

ssh_string bastion_ssh_public_blob(ssh_key key) {
  ssh_string blob = NULL;
  return ssh_pki_export_pubkey_blob(key, &blob) == SSH_OK ? blob : NULL;
}

/* The handler sees the packet behind its number, which libssh has just read from the byte before. */
uint8_t* bastion_ssh_packet(ssh_buffer packet, size_t* size) {
  *size = (size_t)ssh_buffer_get_len(packet) + 1;
  return (uint8_t*)ssh_buffer_get(packet) - 1;
}
