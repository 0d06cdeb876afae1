#ifndef SLUICE_COPENSSL_CERTIFICATES_H
#define SLUICE_COPENSSL_CERTIFICATES_H

/* Reading certificates and verifying what their keys signed. */

#include "shim.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <time.h>

/* Up to `capacity` certificates of a PEM text in order, whatever stands around them. Returns how many are in `out`, or -1
   when one cannot be read or there are more. The caller frees them. */
static inline int sluice_x509_read(const unsigned char *text, int length, X509 **out, int capacity) {
    BIO *bio = BIO_new_mem_buf(text, length);
    if (bio == NULL) return -1;
    int count = 0;
    X509 *next;
    /* An empty password: OpenSSL would ask for one at the terminal. */
    while ((next = PEM_read_bio_X509(bio, NULL, NULL, (void *)"")) != NULL) {
        if (count == capacity) {
            X509_free(next);
            break;
        }
        out[count++] = next;
    }
    /* The end of the text is an error, too: the one that says that no certificate begins. */
    int ended = next == NULL && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    BIO_free(bio);
    if (ended) return count;
    while (count > 0) X509_free(out[--count]);
    return -1;
}

/* The instant in Unix seconds; 1 on success. */
static inline int sluice_x509_time(const ASN1_TIME *time, long long *out) {
    struct tm parts = {0};
    if (time == NULL || ASN1_TIME_to_tm(time, &parts) != 1) return 0;
    *out = timegm(&parts);
    return 1;
}

/* A name in one line (RFC 2253), cut to `capacity`; the length without the final zero. */
static inline int sluice_x509_name(const X509_NAME *name, char *out, int capacity) {
    BIO *bio = BIO_new(BIO_s_mem());
    int length = 0;
    if (bio != NULL && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0) length = BIO_read(bio, out, capacity);
    BIO_free(bio);
    return length < 0 ? 0 : length;
}

/* Whether `signature` is RSASSA-PKCS1-v1_5 of the data with the digest of that name, by the certificate's key of at least
   `least_bits`. 1 if so. */
static inline int sluice_x509_verify(
    X509 *certificate, const char *digest, int least_bits, const unsigned char *signature, size_t signature_length,
    const unsigned char *data, size_t length
) {
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters = NULL;
    int done = context != NULL && key != NULL && EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= least_bits
        && EVP_DigestVerifyInit_ex(context, &parameters, digest, NULL, NULL, key, NULL) == 1
        && EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PADDING) == 1
        && EVP_DigestVerify(context, signature, signature_length, data, length) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return done;
}

/* Builds the chain of `leaf` at an instant, through the `count` certificates of `others`, to one of `roots`. Returns X509_V_OK or
   why not, and in `depth` at which certificate (0: the leaf). */
static inline int sluice_x509_chain(X509_STORE *roots, X509 *leaf, X509 **others, int count, time_t at, int *depth) {
    STACK_OF(X509) *given = sk_X509_new_null();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    int result = X509_V_ERR_UNSPECIFIED;
    int complete = given != NULL;
    for (int index = 0; complete && index < count; index++) complete = sk_X509_push(given, others[index]) > 0;
    *depth = 0;
    if (complete && context != NULL && X509_STORE_CTX_init(context, roots, leaf, given) == 1) {
        X509_STORE_CTX_set_time(context, 0, at);
        int done = X509_verify_cert(context);
        result = X509_STORE_CTX_get_error(context);
        *depth = X509_STORE_CTX_get_error_depth(context);
        if (done != 1 && result == X509_V_OK) result = X509_V_ERR_UNSPECIFIED;
    }
    X509_STORE_CTX_free(context);
    sk_X509_free(given);
    ERR_clear_error();
    return result;
}

#endif
