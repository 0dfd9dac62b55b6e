#include "providers/kerberos/key_names.h"

#include <algorithm>
#include <compare>
#include <iterator>
#include <set>
#include <utility>

#include "providers/kerberos/principal_text.h"

namespace epa::kerberos {
namespace {

using Entries = std::vector<const krb5_keytab_entry*>;

std::strong_ordering CompareKeys(const krb5_keytab_entry& a, const krb5_keytab_entry& b) {
  const auto left = OctetsOf(a.key);
  const auto right = OctetsOf(b.key);
  return std::lexicographical_compare_three_way(left.begin(), left.end(), right.begin(),
                                                right.end());
}

// Entries with the same key stand together.
Entries SortedByKey(std::span<const krb5_keytab_entry> entries) {
  Entries sorted;
  for (const krb5_keytab_entry& entry : entries) {
    sorted.push_back(&entry);
  }
  std::ranges::sort(sorted, [](const auto* a, const auto* b) { return CompareKeys(*a, *b) < 0; });
  return sorted;
}

KeyNames::List NamesOf(std::span<const krb5_keytab_entry* const> entries) {
  std::set<std::string> names;
  for (const krb5_keytab_entry* entry : entries) {
    names.insert(PrincipalText(*entry->principal));
  }
  return std::make_shared<const std::vector<std::string>>(names.begin(), names.end());
}

// Shares where there is nothing to add, as with the keys of one account, which have equal names.
void Merge(KeyNames::List& into, const KeyNames::List& more) {
  if (into == nullptr || *into == *more) {
    into = more;
    return;
  }
  auto both = std::make_shared<std::vector<std::string>>();
  std::ranges::set_union(*into, *more, std::back_inserter(*both));
  into = std::move(both);
}

}  // namespace

KeyNames::KeyNames(std::span<const krb5_keytab_entry> entries) {
  const Entries sorted = SortedByKey(entries);
  for (auto first = sorted.begin(); first != sorted.end();) {
    const auto last = std::find_if(first, sorted.end(), [first](const krb5_keytab_entry* entry) {
      return CompareKeys(**first, *entry) != 0;
    });
    const List names = NamesOf({first, last});
    for (; first != last; ++first) {
      Merge(lists_[PrincipalTextWithRealm(*(*first)->principal)], names);
    }
  }
}

KeyNames::List KeyNames::Of(const krb5_principal_data& principal) const {
  const auto found = lists_.find(PrincipalTextWithRealm(principal));
  return found == lists_.end() ? nullptr : found->second;
}

}  // namespace epa::kerberos
