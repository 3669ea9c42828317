// Reads the elements of a list, whether they lie in memory or come from a store range.
#pragma once

#include "expr/library.hpp"
#include "expr/schema.hpp"

#include <memory>

namespace kith::expr {

// Charges 1 an element, kReadCost where it is read from the store:
//     ListReader reader(call, list);
//     for (Value item; reader.next(item);) ...
//     if (reader.error().failed()) return reader.error();
class ListReader {
public:
    // `list` is of kind list; what it views outlives the reader.
    ListReader(Call &call, const Value &list)
        : call_(call), next_(list.items), left_(list.lazy ? 0 : list.size) {
        if (list.lazy) lazy_ = list.range->open({});
    }

    bool next(Value &out) {  // false at the end, and where reading failed
        if (lazy_) return next_lazy(out);
        if (left_ == 0) return false;
        if (!call_.charge(1)) return stop(out_of_budget());
        --left_;
        out = *next_++;
        return true;
    }
    const Value &error() const { return error_; }  // null: none

private:
    bool next_lazy(Value &out) {
        Value item;
        if (!lazy_->next(item)) return false;
        if (!call_.charge(kReadCost)) return stop(out_of_budget());
        if (item.failed()) return stop(item);
        out = item;
        return true;
    }
    bool stop(const Value &error) {
        error_ = error;
        left_ = 0;
        lazy_.reset();
        return false;
    }

    Call &call_;
    const Value *next_;
    std::uint32_t left_;
    std::unique_ptr<Iterator> lazy_;
    Value error_;
};

// The list with its elements in memory, or the error; as it is where they are. For what needs them out of
// order.
Value read_all(Call &call, const Value &list);

}  // namespace kith::expr
