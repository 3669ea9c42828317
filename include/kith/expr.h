/**
 * @file expr.h
 * Expressions: conditions and formulas as text, in CEL (Common Expression Language). Checked before
 * they are used, bounded in time and memory, and able to say why.
 *
 * They name kith's records: `party`, `i` (the interaction at hand), `m` (the party's figures),
 * `state` (by process), the lists `interactions`, `orders`, `commitments` (oldest first, read only as
 * far as needed), `processes` and `identifiers`; `now`, `today` and `zone`; and what the host declares.
 * Fields are those of the C structs, in the language's types: money, timestamp, duration, lists.
 * With a snapshot's definitions (kith_expr_options) they name its values too: `m.NAME`, `series.NAME`,
 * `band.NAME`, `score.NAME`, `cell.NAME`, `in_segment("NAME")`, `policy("MATRIX").NAME`, `setting.NAME`,
 * and `all.m.NAME` of the whole base.
 * Calendars, which isBusinessDay and its like take, come with calendar definitions: none can be given yet.
 */
#ifndef KITH_EXPR_H
#define KITH_EXPR_H

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What is wrong: kith_expr_diagnostic.code, and kith_error.detail of KITH_E_RULE and KITH_E_LIMIT. */
enum {
    KITH_EXPR_CODE_NONE = 0,
    KITH_EXPR_CODE_PARSE = 1,       /**< the text is not CEL */
    KITH_EXPR_CODE_UNDECLARED = 2,  /**< nothing of this name */
    KITH_EXPR_CODE_NO_OVERLOAD = 3, /**< a function or operator does not take these types */
    KITH_EXPR_CODE_NO_FIELD = 4,    /**< the record has no such field */
    KITH_EXPR_CODE_NO_KEY = 5,      /**< the map has no such key */
    KITH_EXPR_CODE_INDEX = 6,       /**< outside the list or text */
    KITH_EXPR_CODE_DIV_ZERO = 7,
    KITH_EXPR_CODE_OVERFLOW = 8,
    KITH_EXPR_CODE_RANGE = 9,    /**< an argument outside what the function takes */
    KITH_EXPR_CODE_CONVERT = 10, /**< a value that the target type cannot hold */
    KITH_EXPR_CODE_UTF8 = 11,
    KITH_EXPR_CODE_REGEX = 12,
    KITH_EXPR_CODE_KEY_TYPE = 13,
    KITH_EXPR_CODE_DUP_KEY = 14,
    KITH_EXPR_CODE_TZ = 15,
    KITH_EXPR_CODE_COST = 16,   /**< more units than allowed */
    KITH_EXPR_CODE_MEMORY = 17, /**< more bytes than allowed */
    KITH_EXPR_CODE_DEPTH = 18,
    KITH_EXPR_CODE_SIZE = 19,     /**< the text or its tree is too large */
    KITH_EXPR_CODE_TYPE = 20,     /**< the result is not of the type wanted */
    KITH_EXPR_CODE_CURRENCY = 21, /**< money of different currencies */
    KITH_EXPR_CODE_ABSENT = 22,   /**< a value that is not known */
    KITH_EXPR_CODE_HOST = 23      /**< the data could not be read */
};

/** Limits of every expression. */
#define KITH_EXPR_MAX_SOURCE_BYTES 16384   /**< text */
#define KITH_EXPR_MAX_VARIABLES 256        /**< of the host */
#define KITH_EXPR_MAX_VALUES 65536         /**< values given, and values of a result */
#define KITH_EXPR_MAX_TEXT_BYTES 16777216  /**< of all texts and bytes given */
#define KITH_EXPR_MAX_STATIC_COST 100000   /**< units it may be reckoned to cost at most */
#define KITH_EXPR_MAX_BUDGET 1000000       /**< units of one evaluation */
#define KITH_EXPR_MAX_MEMORY_BYTES 1048576 /**< bytes of one evaluation, and of its result */

/** kith_expr_value.kind */
enum {
    KITH_EXPR_NULL = 0,
    KITH_EXPR_BOOL = 1,      /**< `integer`: 0 or 1 */
    KITH_EXPR_INT = 2,       /**< `integer` */
    KITH_EXPR_UINT = 3,      /**< the bits of `integer`, unsigned */
    KITH_EXPR_DOUBLE = 4,    /**< `real` */
    KITH_EXPR_STRING = 5,    /**< `text` */
    KITH_EXPR_BYTES = 6,     /**< `text`, any bytes */
    KITH_EXPR_TIMESTAMP = 7, /**< `integer`: kith_time; and `nanos`, 0 to 999, within the microsecond */
    KITH_EXPR_DURATION = 8,  /**< `integer`: nanoseconds */
    KITH_EXPR_MONEY = 9,     /**< `integer`: minor units of `currency` */
    KITH_EXPR_DATE = 10,     /**< `integer`: days since 1970-01-01 */
    KITH_EXPR_LIST = 11,     /**< `count` elements */
    KITH_EXPR_MAP = 12,      /**< `count` entries, each a key and then its value; out: records too */
    KITH_EXPR_OPTIONAL = 13, /**< `count` 0 or 1: what it holds */
    KITH_EXPR_TYPE = 14,     /**< out only. `text`: its name */
    KITH_EXPR_ERROR = 15 /**< out only, explained. `integer`: KITH_EXPR_CODE_*; `text`: what failed where */
};

/**
 * A value. Lists and maps have their parts in the same array of values, side by side, from index
 * `first`, which is greater than their own. Frozen: this struct never grows.
 */
typedef struct kith_expr_value {
    uint32_t kind;  /**< KITH_EXPR_* */
    uint32_t first; /**< index of the first part */
    uint32_t count; /**< elements, or entries */
    uint32_t nanos;
    int64_t integer;
    double real;
    kith_str text;
    uint8_t currency[4]; /**< ISO 4217, NUL-terminated */
    uint32_t reserved;
} kith_expr_value;

/** A variable of the host's own. Frozen: this struct never grows. */
typedef struct kith_expr_variable {
    kith_str name;     /**< an identifier, not one of kith's */
    kith_str type;     /**< "bool", "int", "string", "money", "list(string)", "map(string, dyn)", ... */
    uint32_t size_max; /**< for the static cost: bytes of a text, elements of a list; 0: 1024, 256 */
    uint32_t reserved;
} kith_expr_variable;

/** How to read an expression. Zero means the default. */
typedef struct kith_expr_options {
    uint32_t struct_size;                /**< sizeof(kith_expr_options) */
    uint32_t subject;                    /**< with `definitions`: KITH_SUBJECT_*, whose values it names */
    const kith_expr_variable *variables; /**< the host's, beside kith's */
    size_t variable_count;
    kith_str result_type; /**< "bool" for a condition; absent: any */
    /** With the values of the definitions that this snapshot sees; NULL: with kith's own records alone. */
    kith_snapshot *definitions;
} kith_expr_options;

/** What an expression is. Borrowed: until the expression is freed. */
typedef struct kith_expr_description {
    uint32_t struct_size; /**< in: sizeof(kith_expr_description) */
    uint32_t diagnostics; /**< how many; 0: it can be evaluated */
    uint64_t static_cost; /**< units it costs at most, by the sizes of the schema; 0 with diagnostics */
    kith_str source;      /**< its text */
    kith_str type;        /**< of its result; absent with diagnostics */
} kith_expr_description;

/** One mistake. Borrowed: until the expression is freed. */
typedef struct kith_expr_diagnostic {
    uint32_t struct_size; /**< sizeof(kith_expr_diagnostic) */
    int32_t code;         /**< KITH_EXPR_CODE_* */
    uint32_t line;        /**< from 1 */
    uint32_t column;      /**< from 1, in code points */
    uint32_t begin;       /**< first byte in the source */
    uint32_t end;         /**< byte after the last */
    kith_str code_name;   /**< "no_field" */
    kith_str text;        /**< the piece of the source that is wrong */
    kith_str message;     /**< one line */
    kith_str hint;        /**< what to write instead; absent if none is known */
} kith_expr_diagnostic;

/** kith_expr_eval_options.fields */
enum { KITH_EXPR_FIELD_NOW = 1 };

/** kith_expr_eval_options.flags */
enum {
    /** Give reasons as well. An evaluation that fails is then KITH_OK, with a value of kind
     *  KITH_EXPR_ERROR and the reasons for that. */
    KITH_EXPR_EXPLAIN = 1
};

/** How to evaluate. Zero means the default. */
typedef struct kith_expr_eval_options {
    uint32_t struct_size; /**< sizeof(kith_expr_eval_options) */
    uint32_t fields;      /**< KITH_EXPR_FIELD_* */
    uint32_t flags;       /**< KITH_EXPR_EXPLAIN */
    uint32_t reserved;
    kith_time now;                 /**< with KITH_EXPR_FIELD_NOW; else the store's clock, or the system's */
    kith_str zone;                 /**< IANA; absent: the file's, or UTC */
    uint64_t budget;               /**< units; 0: KITH_EXPR_MAX_BUDGET */
    const kith_expr_value *values; /**< of the host's variables, in their order; then parts of these */
    size_t value_count;
} kith_expr_eval_options;

/** What came of an evaluation. Borrowed: until the result is freed. */
typedef struct kith_expr_outcome {
    uint32_t struct_size; /**< in: sizeof(kith_expr_outcome) */
    uint32_t kind;        /**< KITH_EXPR_* of the value */
    uint64_t cost;        /**< units used */
    uint64_t memory_bytes;
    kith_str text; /**< the value as CEL writes it, cut after 100 elements and 16 KiB */
    kith_str json; /**< the value as JSON: money as "12.50 EUR", times ISO 8601, bytes base64. Keys of maps
                        become text: keys 1 and "1" give one name twice */
} kith_expr_outcome;

/** kith_expr_reason.fields */
enum {
    KITH_EXPR_REASON_FIELD_ELEMENT = 1, /**< one element decided: `element`, `element_value` */
    KITH_EXPR_REASON_FIELD_FAILED = 2   /**< it has no value: `value` is the name of the code */
};

/** One sub-expression that decided the result. Borrowed: until the result is freed. */
typedef struct kith_expr_reason {
    uint32_t struct_size; /**< sizeof(kith_expr_reason) */
    uint32_t fields;      /**< KITH_EXPR_REASON_FIELD_* */
    uint32_t level;       /**< 0: the whole expression; those below follow it with one more */
    uint32_t element;     /**< its index, from 0, among those that bounds on time and type leave */
    uint32_t line;
    uint32_t column;
    uint32_t begin; /**< first byte in the source */
    uint32_t end;
    kith_str text;          /**< the piece of the source */
    kith_str value;         /**< as CEL writes it, cut after 10 elements and 240 bytes; "..." after 1 MiB of
                                 these in all */
    kith_str element_value; /**< likewise */
} kith_expr_reason;

/**
 * Reads an expression and finds its mistakes. Owned: *out_expr, free with kith_expr_free, whether it
 * has mistakes or not: see kith_expr_describe, kith_expr_diagnostics. Copied: everything given; the
 * snapshot of options->definitions need not live on, and is used by one thread at a time.
 * [any thread] Returns KITH_OK; KITH_E_ARGUMENT for wrong options. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_expr_check(const char *source, size_t source_size,
                                                    const kith_expr_options *options, kith_expr **out_expr,
                                                    kith_error *error);

/**
 * The same, but fails with the first mistake. Owned: *out_expr, free with kith_expr_free; any number
 * of threads may evaluate it, for any file; compiled with definitions, for snapshots that see the same
 * ones. options may be NULL. [any thread]
 * Returns KITH_OK; KITH_E_RULE, with line and column in the message and the code as detail. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_expr_compile(const char *source, size_t source_size,
                                                      const kith_expr_options *options, kith_expr **out_expr,
                                                      kith_error *error);

/**
 * The same from the JSON form of a syntax tree, as kith_expr_json gives it: for editors that show
 * rules as forms. [any thread] Returns KITH_OK; KITH_E_FORMAT (no such tree); KITH_E_RULE. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_expr_from_json(const char *json, size_t json_size,
                                                        const kith_expr_options *options,
                                                        kith_expr **out_expr, kith_error *error);

/** Frees an expression; its results live on. NULL is fine. [any thread] Since 0.1. */
KITH_API void kith_expr_free(kith_expr *expr);

/** Says what an expression is. [any thread] KITH_OK or KITH_E_ARGUMENT. Since 0.1. */
KITH_API KITH_NODISCARD kith_status kith_expr_describe(const kith_expr *expr,
                                                       kith_expr_description *out_description,
                                                       kith_error *error);

/** Its mistakes, in the order of the text, and how many. Borrowed: until the expression is freed.
 *  [any thread] Since 0.1. */
KITH_API const kith_expr_diagnostic *const *kith_expr_diagnostics(const kith_expr *expr, size_t *out_count);

/**
 * Its syntax tree as JSON, every node with type and place; what no form can show is marked
 * "form": false and keeps its text. Borrowed: until the expression is freed. [any thread]
 * Returns KITH_OK; KITH_E_RULE for an expression with mistakes. Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_expr_json(const kith_expr *expr, kith_str *out_json,
                                                   kith_error *error);

/**
 * Evaluates for a party. Owned: *out_result, free with kith_expr_result_free; it needs neither
 * snapshot nor expression to live. options may be NULL. [one thread at a time on the snapshot]
 * Returns KITH_OK; KITH_NOT_FOUND for an unknown party; KITH_E_RULE when the evaluation fails, with
 * line and column in the message and the code as detail; KITH_E_LIMIT beyond a limit; KITH_E_STATE when
 * the definitions it was compiled with have changed: compile it again. For other subjects than parties
 * see kith_expr_eval_subject (value.h). Since 0.1.
 */
KITH_API KITH_NODISCARD kith_status kith_expr_eval_party(kith_snapshot *snapshot, const kith_expr *expr,
                                                         const kith_id *party,
                                                         const kith_expr_eval_options *options,
                                                         kith_expr_result **out_result, kith_error *error);

/** The same with an interaction at hand: `i`; its party is `party`. [one thread at a time on the snapshot]
 *  Since 0.1. */
KITH_API KITH_NODISCARD kith_status kith_expr_eval_interaction(kith_snapshot *snapshot, const kith_expr *expr,
                                                               const kith_interaction_id *interaction,
                                                               const kith_expr_eval_options *options,
                                                               kith_expr_result **out_result,
                                                               kith_error *error);

/** The same without a file: kith's own variables have no value, the host's do. [any thread] Since 0.1. */
KITH_API KITH_NODISCARD kith_status kith_expr_eval_values(const kith_expr *expr,
                                                          const kith_expr_eval_options *options,
                                                          kith_expr_result **out_result, kith_error *error);

/** Says what came of it. [any thread] KITH_OK or KITH_E_ARGUMENT. Since 0.1. */
KITH_API KITH_NODISCARD kith_status kith_expr_result_describe(const kith_expr_result *result,
                                                              kith_expr_outcome *out_outcome,
                                                              kith_error *error);

/** The value, first of an array with its parts behind it, and how many these are. Borrowed: until the
 *  result is freed. [any thread] Since 0.1. */
KITH_API const kith_expr_value *kith_expr_result_values(const kith_expr_result *result, size_t *out_count);

/** The reasons, if asked for, and how many. Borrowed: until the result is freed. [any thread] Since 0.1. */
KITH_API const kith_expr_reason *const *kith_expr_result_reasons(const kith_expr_result *result,
                                                                 size_t *out_count);

/** Frees a result. NULL is fine. [any thread] Since 0.1. */
KITH_API void kith_expr_result_free(kith_expr_result *result);

#ifdef __cplusplus
}
#endif
#endif
