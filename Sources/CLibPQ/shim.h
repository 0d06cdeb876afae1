#ifndef SLUICE_CLIBPQ_SHIM_H
#define SLUICE_CLIBPQ_SHIM_H

#include <libpq-fe.h>
/* What wakes a thread that waits for a connection; not in Swift's Glibc module. */
#include <sys/eventfd.h>

/* libpq names the fields of a diagnostic by character macros, which Swift does not import. */
static const int SLUICE_DIAG_SEVERITY = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int SLUICE_DIAG_SQLSTATE = PG_DIAG_SQLSTATE;
static const int SLUICE_DIAG_MESSAGE = PG_DIAG_MESSAGE_PRIMARY;
static const int SLUICE_DIAG_DETAIL = PG_DIAG_MESSAGE_DETAIL;
static const int SLUICE_DIAG_HINT = PG_DIAG_MESSAGE_HINT;
static const int SLUICE_DIAG_CONTEXT = PG_DIAG_CONTEXT;
static const int SLUICE_DIAG_SCHEMA = PG_DIAG_SCHEMA_NAME;
static const int SLUICE_DIAG_TABLE = PG_DIAG_TABLE_NAME;
static const int SLUICE_DIAG_COLUMN = PG_DIAG_COLUMN_NAME;
static const int SLUICE_DIAG_CONSTRAINT = PG_DIAG_CONSTRAINT_NAME;
static const int SLUICE_DIAG_FUNCTION = PG_DIAG_SOURCE_FUNCTION;
static const int SLUICE_DIAG_POSITION = PG_DIAG_STATEMENT_POSITION;

#endif
