#ifndef SLUICE_COPENSSL_SHIM_H
#define SLUICE_COPENSSL_SHIM_H

/* Only what OpenSSL 3.0 offers and does not call deprecated. */
#define OPENSSL_API_COMPAT 30000
#define OPENSSL_NO_DEPRECATED

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <limits.h>

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

/* AES-256-GCM with `cipher`. `out` begins `offset` bytes before the nonce of 12 bytes, which is there already; behind it come
   as many bytes as `data` has, and the tag of 16. `bound` must not be empty. 1 on success. */
static inline int sluice_gcm_seal(
    const EVP_CIPHER *cipher, const unsigned char *key, const unsigned char *bound, size_t bound_length,
    const unsigned char *data, size_t length, unsigned char *out, size_t offset
) {
    unsigned char *nonce = out + offset;
    unsigned char *sealed = nonce + 12;
    int written = 0;
    if (length > INT_MAX || bound_length > INT_MAX) return 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int done = context != NULL && EVP_EncryptInit_ex2(context, cipher, key, nonce, NULL) == 1
        && EVP_EncryptUpdate(context, NULL, &written, bound, (int)bound_length) == 1
        && (length == 0 || EVP_EncryptUpdate(context, sealed, &written, data, (int)length) == 1)
        && EVP_EncryptFinal_ex(context, sealed + length, &written) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, sealed + length) == 1;
    EVP_CIPHER_CTX_free(context);
    return done;
}

/* The way back: `sealed` begins `offset` bytes before the nonce and has `length` bytes of text before its tag; `out` takes
   them. 1 if the tag is right. */
static inline int sluice_gcm_open(
    const EVP_CIPHER *cipher, const unsigned char *key, const unsigned char *bound, size_t bound_length,
    const unsigned char *sealed, size_t offset, size_t length, unsigned char *out
) {
    const unsigned char *nonce = sealed + offset;
    const unsigned char *data = nonce + 12;
    unsigned char tag[16];
    unsigned char none[16];
    int written = 0;
    if (length > INT_MAX || bound_length > INT_MAX) return 0;
    for (size_t index = 0; index < sizeof tag; index++) tag[index] = data[length + index];
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int done = context != NULL && EVP_DecryptInit_ex2(context, cipher, key, nonce, NULL) == 1
        && EVP_DecryptUpdate(context, NULL, &written, bound, (int)bound_length) == 1
        && (length == 0 || EVP_DecryptUpdate(context, out, &written, data, (int)length) == 1)
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1
        && EVP_DecryptFinal_ex(context, none, &written) == 1;
    EVP_CIPHER_CTX_free(context);
    return done;
}

/* A new RSA key; NULL on failure. A function because EVP_RSA_gen is a macro. */
static inline EVP_PKEY *sluice_rsa_generate(size_t bits) {
    return EVP_RSA_gen(bits);
}

/* RSASSA-PKCS1-v1_5 with the digest of that name; `out` has `*written` bytes of room. 1 on success. */
static inline int sluice_sign(
    EVP_PKEY *key, const char *digest, const unsigned char *data, size_t length, unsigned char *out, size_t *written
) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int done = context != NULL && EVP_DigestSignInit_ex(context, NULL, digest, NULL, NULL, key, NULL) == 1
        && EVP_DigestSign(context, out, written, data, length) == 1;
    EVP_MD_CTX_free(context);
    return done;
}

static inline int sluice_add_extension(X509 *certificate, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    int done = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

/* A certificate for `key`, signed by itself with SHA-256, its own authority; times in Unix seconds. NULL on failure. */
static inline X509 *sluice_self_signed(
    EVP_PKEY *key, const char *name, const char *organisation, long serial, time_t from, time_t until
) {
    X509 *certificate = X509_new();
    if (certificate == NULL) return NULL;
    X509_NAME *subject = X509_get_subject_name(certificate);
    int done = X509_set_version(certificate, 2) == 1
        && ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial) == 1
        && ASN1_TIME_set(X509_getm_notBefore(certificate), from) != NULL
        && ASN1_TIME_set(X509_getm_notAfter(certificate), until) != NULL
        && X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, (const unsigned char *)organisation, -1, -1, 0) == 1
        && X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) == 1
        && X509_set_issuer_name(certificate, subject) == 1 && X509_set_pubkey(certificate, key) == 1
        && sluice_add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE") == 1
        && sluice_add_extension(certificate, NID_key_usage, "critical,digitalSignature,keyCertSign") == 1
        && sluice_add_extension(certificate, NID_subject_key_identifier, "hash") == 1
        && X509_sign(certificate, key, EVP_sha256()) > 0;
    if (done) return certificate;
    X509_free(certificate);
    return NULL;
}

/* PEM of the key (PKCS#8), where there is one, and of the certificate; the length, or 0 if it is over `capacity`. */
static inline size_t sluice_pem_write(EVP_PKEY *key, X509 *certificate, char *out, size_t capacity) {
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    long length = 0;
    if (bio != NULL && (key == NULL || PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)
        && PEM_write_bio_X509(bio, certificate) == 1) {
        length = BIO_get_mem_data(bio, &text);
        if (length < 0 || (size_t)length > capacity) length = 0;
        for (long index = 0; index < length; index++) out[index] = text[index];
    }
    BIO_free(bio);
    return (size_t)length;
}

/* The first private key of a PEM text, whatever stands around it; NULL if there is none. */
static inline EVP_PKEY *sluice_pem_key(const char *text, int length) {
    BIO *bio = BIO_new_mem_buf(text, length);
    EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, NULL, "");
    BIO_free(bio);
    return key;
}

/* The first certificate of a PEM text, whatever stands around it; NULL if there is none. */
static inline X509 *sluice_pem_certificate(const char *text, int length) {
    BIO *bio = BIO_new_mem_buf(text, length);
    X509 *certificate = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return certificate;
}

#endif
