// Objects that live as long as one of Apache's pools.
#ifndef EPA_MODULES_APACHE_POOL_OBJECT_H_
#define EPA_MODULES_APACHE_POOL_OBJECT_H_

#include <apr_pools.h>

#include <utility>

namespace epa::apache {

template <typename Object, typename... Arguments>
Object* NewIn(apr_pool_t* pool, Arguments&&... arguments) {
  auto* const object = new Object(std::forward<Arguments>(arguments)...);
  apr_pool_cleanup_register(
      pool, object,
      [](void* ended) {
        delete static_cast<Object*>(ended);
        return APR_SUCCESS;
      },
      apr_pool_cleanup_null);
  return object;
}

}  // namespace epa::apache

#endif  // EPA_MODULES_APACHE_POOL_OBJECT_H_
