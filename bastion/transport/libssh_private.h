/*
 * The few things this program needs from libssh beyond its public interface, as a narrow C interface. Together with
 * libssh_private.c this is the only file that knows libssh's private headers; docs/ARCHITECTURE.md says what to check
 * here when the pinned version moves.
 *
 * libssh is driven as a machine that turns bytes into bytes. It never sees a descriptor: what it would have read is
 * handed to bastion_ssh_receive(), and what it would have written comes out of ssh_socket_write(), which the linker
 * redirects (--wrap) to __wrap_ssh_socket_write() in engine.cpp.
 *
 * Bulk does not go all that way. Once a session is authenticated and its cipher carries its own MAC (AEAD), a message
 * is sealed where it will be sent from, and opened where it was received: see bastion_ssh_seal() and
 * bastion_ssh_connection_message(). Everything else is libssh's.
 */
#ifndef BASTION_TRANSPORT_LIBSSH_PRIVATE_H
#define BASTION_TRANSPORT_LIBSSH_PRIVATE_H

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A number no kernel hands out as a descriptor (the limit is below 2^30). libssh takes a session without one for
 * closed. */
enum { BASTION_SSH_NO_DESCRIPTOR = 0x7fffffff };

/* The largest message it takes, whatever the padding. */
enum { BASTION_SSH_LARGEST_MESSAGE = 256 * 1024 - 256 };

/* What libssh writes for this session arrives in ssh_socket_write() with this as its first argument. */
void* bastion_ssh_socket(ssh_session session);

/* The client role, before ssh_connect(): no file of the account that runs this is looked for. libssh would ask where
 * its home is, in a file or from a server, for keys that nobody wants. */
void bastion_ssh_has_no_home(ssh_session session);

/* The client role, after ssh_connect(): the stream below is connected, say the version line. libssh would say its own.
 */
void bastion_ssh_connected(ssh_session session, const char* software_version);

/*
 * The client role, before ssh_connect() and again after every packet: the next KEXINIT, whichever side begins, offers
 * these host key algorithms. By itself libssh offers none that is of certificates (PROTOCOL.certkeys), although it
 * reads the key in one and verifies the exchange hash with it; of the certificate it reads nothing else.
 */
void bastion_ssh_offer_host_keys(ssh_session session, const char* algorithms);

/* The client role: the host key of the peer, or its certificate, whole. NULL before the first key exchange is done; the
 * caller frees it. */
ssh_string bastion_ssh_host_key(ssh_session session);

/*
 * Handles at most one packet (or version line) at the front of `data`, which is changed in place. Returns how many
 * bytes that took; 0 means that more bytes are needed, and the same bytes are to be given again in front of them.
 *
 * While keys are exchanged again, a peer that has sent its KEXINIT sends nothing of the connection protocol until its
 * NEWKEYS (RFC 4253 section 7.1). Some do all the same: AsyncSSH 2.10 for one. OpenSSH takes it, libssh would end the
 * session. Up to `*strays` such messages are taken as well, and counted off.
 *
 * In the server role, a message that has no business at this time is answered with SSH_MSG_UNIMPLEMENTED (RFC 4253
 * section 11.4), but for a USERAUTH_REQUEST after success, which is ignored, and a first line that is no version line
 * fails the session, as OpenSSH has both.
 */
size_t bastion_ssh_receive(ssh_session session, uint8_t* data, size_t size, unsigned* strays);

/* The server role: the peer has not said its version yet. */
bool bastion_ssh_awaits_version(ssh_session session);

/* The peer's version line; NULL before it. */
const char* bastion_ssh_client_version(ssh_session session);

/* Says SSH_MSG_UNIMPLEMENTED to the packet that was received last. */
void bastion_ssh_unimplemented(ssh_session session);

/* How many bytes the packet has that bastion_ssh_receive() waits for, MAC included; 0 when it cannot tell yet. */
size_t bastion_ssh_packet_size(ssh_session session);

/* The transport is beyond repair, or the peer has disconnected. */
bool bastion_ssh_failed(ssh_session session);

/*
 * The kind of algorithm of which the two sides have none in common, where the transport has failed because of that, and
 * the peer's list of it; else NULL. Both are valid until the session is freed.
 */
const char* bastion_ssh_unmatched(ssh_session session, const char** offered);

/* The client role: a signature is with the peer, which has not answered it. */
bool bastion_ssh_awaits_verdict(ssh_session session);

/*
 * The client role, for an authentication that is not libssh's (RFC 4252): by which algorithm a key of this type would
 * sign, as the server and our options have it; NULL: by none. Whether the request names the host key
 * (publickey-hostbound-v00@openssh.com). And the state in which libssh takes the answers to a request that is about to
 * be sent, and what they were.
 */
const char* bastion_ssh_signature_algorithm(ssh_session session, const char* key_type);
bool bastion_ssh_is_host_bound(ssh_session session);
enum bastion_ssh_shown { BASTION_SSH_OFFER, BASTION_SSH_SIGNED };
void bastion_ssh_expect_verdict(ssh_session session, enum bastion_ssh_shown shown);
enum bastion_ssh_verdict { BASTION_SSH_PENDING, BASTION_SSH_ACCEPTED, BASTION_SSH_DENIED, BASTION_SSH_BROKEN };
enum bastion_ssh_verdict bastion_ssh_verdict(ssh_session session);

/* A KEXINIT that comes now begins another key exchange, and is no answer to ours. */
bool bastion_ssh_may_be_asked_for_keys(ssh_session session);

/*
 * A KEXDH_INIT has come: by which algorithm a host key is to sign for it. NULL: none will, because it is the client's
 * role, or a wrong guess (RFC 4253 section 7), or out of order.
 */
const char* bastion_ssh_signature_wanted(ssh_session session);

/* Keys are being exchanged again: messages are queued inside libssh until that is done. */
bool bastion_ssh_rekeying(ssh_session session);

/* What is queued until then, in bytes of memory. Walks a list. */
size_t bastion_ssh_queued(ssh_session session);
/* What the queue needs for one message beside its bytes, about. */
enum { BASTION_SSH_QUEUED_OVERHEAD = 128 };

/* Sends one message given in two parts, its number first. */
enum bastion_ssh_sent { BASTION_SSH_SENT, BASTION_SSH_QUEUED, BASTION_SSH_NOT_SENT };
enum bastion_ssh_sent bastion_ssh_send(ssh_session session, const uint8_t* head, size_t head_size, const uint8_t* body,
                                       size_t body_size);

/*
 * The size of the packet that a message of the connection protocol makes, when bastion_ssh_seal() can make it: the
 * session is authenticated, keys are neither exchanged nor due to be, nothing is queued, and the cipher is AEAD. Else
 * 0, and bastion_ssh_send() is the way.
 */
size_t bastion_ssh_sealed_size(ssh_session session, size_t message_size);

/*
 * Makes that packet, as libssh would have made it, in `packet`, which has the size just told. The message does not
 * overlap it. False: nothing may be sent, and the session has failed.
 */
bool bastion_ssh_seal(ssh_session session, uint8_t* packet, size_t packet_size, const uint8_t* head, size_t head_size,
                      const uint8_t* body, size_t body_size);

/* The next queued message in message-queue mode, or NULL; never reads or waits. The caller frees it. */
ssh_message bastion_ssh_next_message(ssh_session session);

/* Of a whole SSH_MSG_USERAUTH_REQUEST with a key: it carries a signature, and that is right. Answers nothing. */
bool bastion_ssh_verify_userauth(ssh_session session, const uint8_t* packet, size_t size);

/*
 * The server role: whether a SSH_MSG_USERAUTH_INFO_RESPONSE (RFC 4256) has business now. One that has none is answered
 * with SSH_MSG_UNIMPLEMENTED.
 */
void bastion_ssh_expect_answers(ssh_session session, bool expected);

/* The server role: says SSH_MSG_USERAUTH_SUCCESS; the connection protocol begins. */
void bastion_ssh_authenticated(ssh_session session);

/* Packet handlers that come before libssh's own. `handlers` must outlive the session. */
void bastion_ssh_set_handlers(ssh_session session, ssh_packet_callbacks handlers);

/* RFC 4253 section 7.2. Returns the size, 0 before the first key exchange; valid until the next one. */
size_t bastion_ssh_session_id(ssh_session session, const uint8_t** id);

/*
 * A signature by `key` over the bytes, in the encoding of RFC 4253 section 6.6. RSA keys sign with `rsa-sha2-512`, but
 * in a session that was begun with `rsa-sha2-256` with that: OpenSSH's client wants a proof of host keys so.
 */
ssh_string bastion_ssh_sign(ssh_session session, ssh_key key, const uint8_t* data, size_t size);

/*
 * The same by this algorithm, by its name in SSH (`ssh-ed25519`, `rsa-sha2-512`), for no session. NULL: the key does
 * not sign so.
 */
ssh_string bastion_ssh_sign_as(ssh_key key, const char* algorithm, const uint8_t* data, size_t size);

/* Whether this signature is by the key with this public blob, and over the bytes. */
bool bastion_ssh_is_signed_by(const uint8_t* blob, size_t blob_size, const uint8_t* signature, size_t signature_size,
                              const uint8_t* data, size_t size);

/*
 * A key that only its public blob is known of here. libssh takes it for a private key; its signatures, for which the
 * linker redirects pki_sign_data(), come from bastion_ssh_signed_elsewhere(). Copies of it are such keys too. NULL: it
 * cannot be read.
 */
ssh_key bastion_ssh_key_elsewhere(const uint8_t* blob, size_t size);

/* What bastion_ssh_sign_as() would return where the key is. In signing.cpp. The caller frees it. */
ssh_string bastion_ssh_signed_elsewhere(const char* algorithm, const uint8_t* blob, size_t blob_size,
                                        const uint8_t* data, size_t size);

/* The client role, when the server's NEWKEYS has come and libssh has not seen it: the signature of its host key over
 * the exchange hash (RFC 4253 section 8). Returns the size, 0 where there is none. */
size_t bastion_ssh_host_signature(ssh_session session, const uint8_t** signature);

/* The public part in the encoding of RFC 4253 section 6.6; NULL when there is none. The caller frees it. */
ssh_string bastion_ssh_public_blob(ssh_key key);

/* Whole packets only: the message with its number, as a view into libssh's buffer. */
uint8_t* bastion_ssh_packet(ssh_buffer packet, size_t* size);

/*
 * The same for messages 80 to 100: a view into libssh's buffer, or into `received`, which is what was given to
 * bastion_ssh_receive(). Valid until that returns.
 */
uint8_t* bastion_ssh_connection_message(ssh_session session, ssh_buffer packet, uint8_t* received, size_t* size);

#ifdef __cplusplus
}
#endif

#endif
