#ifndef SLUICE_COPENSSL_SHIM_H
#define SLUICE_COPENSSL_SHIM_H

/* Only what OpenSSL 3.0 offers and does not call deprecated. */
#define OPENSSL_API_COMPAT 30000
#define OPENSSL_NO_DEPRECATED

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

/* HMAC-SHA256 of one message with `mac`, an EVP_MAC named HMAC; `out` takes 32 bytes. 1 on success. */
static inline int sluice_hmac_sha256(
    EVP_MAC *mac, const unsigned char *key, size_t key_length, const unsigned char *data, size_t length,
    unsigned char *out
) {
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    size_t written = 0;
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    int done = context != NULL && EVP_MAC_init(context, key, key_length, params) == 1
        && EVP_MAC_update(context, data, length) == 1 && EVP_MAC_final(context, out, &written, 32) == 1
        && written == 32;
    EVP_MAC_CTX_free(context);
    return done;
}

#endif
