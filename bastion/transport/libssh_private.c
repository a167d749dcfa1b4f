#include "bastion/transport/libssh_private.h"

/* clang-format off: config.h first, then libssh's own order */
#include "config.h"
#include "libssh/buffer.h"
#include "libssh/crypto.h"
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

void* bastion_ssh_socket(ssh_session session) { return session->socket; }

void bastion_ssh_connected(ssh_session session, const char* software_version) {
  char line[256];
  ssh_socket_set_connected(session->socket, NULL);
  /* The key exchange hashes what is kept here, without the line's end. */
  int size = snprintf(line, sizeof line, "SSH-2.0-%s\r\n", software_version);
  session->clientbanner = strndup(line, (size_t)size - 2);
  ssh_socket_write(session->socket, line, (uint32_t)size);
}

/*
 * libssh's filter has refused a packet that is otherwise whole and right: the one way to fail that leaves it as being
 * processed. The state it failed from was that of another key exchange.
 */
static bool is_stray(ssh_session session, enum ssh_session_state_e before) {
  return session->session_state == SSH_SESSION_STATE_ERROR && session->packet_state == PACKET_STATE_PROCESSING &&
         (session->flags & SSH_SESSION_FLAG_AUTHENTICATED) != 0 &&
         (before == SSH_SESSION_STATE_KEXINIT_RECEIVED || before == SSH_SESSION_STATE_DH) &&
         session->in_packet.type >= SSH2_MSG_GLOBAL_REQUEST && session->in_packet.type <= SSH2_MSG_CHANNEL_FAILURE;
}

size_t bastion_ssh_receive(ssh_session session, uint8_t* data, size_t size, unsigned* strays) {
  enum ssh_session_state_e before = session->session_state;
  size_t taken = session->socket_callbacks.data(data, size, session->socket_callbacks.userdata);
  if (*strays > 0 && is_stray(session, before)) {
    --*strays;
    session->session_state = before;
    ssh_reset_error(session);
    ssh_packet_process(session, session->in_packet.type);
    session->packet_state = PACKET_STATE_INIT;
  }
  return taken;
}

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

bool bastion_ssh_rekeying(ssh_session session) {
  return (session->flags & SSH_SESSION_FLAG_AUTHENTICATED) != 0 && session->dh_handshake_state != DH_STATE_FINISHED;
}

size_t bastion_ssh_queued(ssh_session session) {
  /* A queued packet is a buffer of its own, in a list. */
  const size_t overhead = 128;
  size_t size = 0;
  for (struct ssh_iterator* at = ssh_list_get_iterator(session->out_queue); at != NULL; at = at->next) {
    size += overhead + ssh_buffer_get_len((ssh_buffer)at->data);
  }
  return size;
}

/*
 * libssh puts packet length and padding length (5 bytes, RFC 4253 section 6) in front of the message. With room left
 * for them it need not move the message.
 */
int bastion_ssh_send(ssh_session session, const uint8_t* head, size_t head_size, const uint8_t* body,
                     size_t body_size) {
  static const uint8_t room[5] = {0};
  if (ssh_buffer_add_data(session->out_buffer, room, sizeof room) < 0 ||
      ssh_buffer_add_data(session->out_buffer, head, (uint32_t)head_size) < 0 ||
      (body_size > 0 && ssh_buffer_add_data(session->out_buffer, body, (uint32_t)body_size) < 0)) {
    ssh_buffer_reinit(session->out_buffer);
    return SSH_ERROR;
  }
  ssh_buffer_pass_bytes(session->out_buffer, sizeof room);
  return ssh_packet_send(session);
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

ssh_string bastion_ssh_sign(ssh_key key, const uint8_t* data, size_t size) {
  enum ssh_digest_e digest = SSH_DIGEST_AUTO;
  ssh_string blob = NULL;
  switch (ssh_key_type(key)) {
    case SSH_KEYTYPE_RSA: digest = SSH_DIGEST_SHA512; break;
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

ssh_string bastion_ssh_public_blob(ssh_key key) {
  ssh_string blob = NULL;
  return ssh_pki_export_pubkey_blob(key, &blob) == SSH_OK ? blob : NULL;
}

/* The handler sees the packet behind its number, which libssh has just read from the byte before. */
uint8_t* bastion_ssh_packet(ssh_buffer packet, size_t* size) {
  *size = (size_t)ssh_buffer_get_len(packet) + 1;
  return (uint8_t*)ssh_buffer_get(packet) - 1;
}
