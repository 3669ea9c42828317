/** Fine. [any thread] Since 0.1. */
KITH_API void kith_fine(void);

/**
 * Fine too: the tag is wrapped. [any thread, not
 * from callbacks] Since 0.1.
 */
KITH_API KITH_NODISCARD int
kith_fine_too(int value);

/** No tag. Since 0.1. */
KITH_API void kith_without_tag(void);

/** No version. [any thread] */
KITH_API void kith_without_since(void);

/** A comment that is not right above. [any thread] Since 0.1. */

KITH_API void kith_without_comment(void);
