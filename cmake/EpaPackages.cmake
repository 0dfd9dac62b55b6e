# `cpack` makes Debian packages of what EpaInstall.cmake installs, one for each component. Configure
# with CMAKE_INSTALL_PREFIX=/usr, so that libraries go where Debian keeps an architecture's.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME libepa)
set(CPACK_PACKAGE_CONTACT "The libepa maintainers <maintainers@libepa.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_STRIP_FILES ON)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME libepa${EPA_ABI})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SUGGESTS "libwbclient0, winbind")
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "NTLM, Kerberos and Negotiate for servers and
clients, with channel and service binding; the C interface
libepa-sspi, and libepa-secur32 with its plain names.")

set(CPACK_DEBIAN_DEVEL_PACKAGE_NAME libepa-dev)
set(CPACK_DEBIAN_DEVEL_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVEL_PACKAGE_DEPENDS "libepa${EPA_ABI} (= ${PROJECT_VERSION}-1), libabsl-dev, \
libidn2-dev, libkrb5-dev (>= 1.20), libssl-dev (>= 3.0), libunistring-dev")
set(CPACK_COMPONENT_DEVEL_DESCRIPTION "Headers, the static library, and what CMake and
pkg-config need to find the libraries.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME epa-tools)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION net)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SUGGESTS "winbind, krb5-kdc, krb5-admin-server, krb5-user, curl")
set(CPACK_DEBIAN_TOOLS_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/tools/epa/systemd/postinst
  ${PROJECT_SOURCE_DIR}/tools/epa/systemd/postrm ${PROJECT_SOURCE_DIR}/tools/epa/systemd/prerm)
set(CPACK_COMPONENT_TOOLS_DESCRIPTION "The command epa: servers and clients to try a login
with, a decoder of tokens, and a demonstration of what extended
protection refuses.")

set(CPACK_DEBIAN_GSS_PACKAGE_NAME libgssapi-epa)
set(CPACK_DEBIAN_GSS_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_GSS_PACKAGE_RECOMMENDS epa-tools)
set(CPACK_COMPONENT_GSS_DESCRIPTION "Extended protection for programs that use
GSS-API and know nothing of it, such as Apache, Dovecot and
slapd; and NTLM as a mechanism of GSS-API.")

# What needs others' headers, as far as it is built here.
set(package_components runtime devel tools gss)
if(TARGET epa_cyrus_sasl)
  list(APPEND package_components cyrus_sasl)
  set(CPACK_DEBIAN_CYRUS_SASL_PACKAGE_NAME libsasl2-modules-epa)
  set(CPACK_DEBIAN_CYRUS_SASL_PACKAGE_SECTION libs)
  set(CPACK_DEBIAN_CYRUS_SASL_PACKAGE_DEPENDS libsasl2-2)
  set(CPACK_COMPONENT_CYRUS_SASL_DESCRIPTION "NTLM, Kerberos and Negotiate for Cyrus SASL.
Logins of slapd, Postfix, ldapsearch and others are bound to
the TLS connection that they come on.")
endif()
if(TARGET epa_apache)
  list(APPEND package_components apache)
  set(CPACK_DEBIAN_APACHE_PACKAGE_NAME libapache2-mod-auth-epa)
  set(CPACK_DEBIAN_APACHE_PACKAGE_SECTION httpd)
  set(CPACK_DEBIAN_APACHE_PACKAGE_DEPENDS "${EPA_APACHE_ABI}")
  set(CPACK_DEBIAN_APACHE_PACKAGE_RECOMMENDS apache2)
  set(CPACK_DEBIAN_APACHE_PACKAGE_SUGGESTS winbind)
  set(apache_control ${PROJECT_SOURCE_DIR}/modules/apache/debian)
  set(CPACK_DEBIAN_APACHE_PACKAGE_CONTROL_EXTRA ${apache_control}/postinst ${apache_control}/postrm
    ${apache_control}/prerm ${apache_control}/conffiles)
  set(CPACK_COMPONENT_APACHE_DESCRIPTION "NTLM, Kerberos and Negotiate for Apache httpd.
Logins are bound to the TLS connection that they come on.")
endif()
if(TARGET epa_nginx)
  list(APPEND package_components nginx)
  set(CPACK_DEBIAN_NGINX_PACKAGE_NAME libnginx-mod-http-auth-epa)
  set(CPACK_DEBIAN_NGINX_PACKAGE_SECTION httpd)
  set(CPACK_DEBIAN_NGINX_PACKAGE_DEPENDS "${EPA_NGINX_ABI}")
  set(CPACK_DEBIAN_NGINX_PACKAGE_RECOMMENDS nginx)
  set(CPACK_DEBIAN_NGINX_PACKAGE_SUGGESTS winbind)
  set(nginx_control ${PROJECT_SOURCE_DIR}/modules/nginx/debian)
  set(CPACK_DEBIAN_NGINX_PACKAGE_CONTROL_EXTRA ${nginx_control}/postinst ${nginx_control}/postrm
    ${nginx_control}/prerm)
  set(CPACK_COMPONENT_NGINX_DESCRIPTION "NTLM, Kerberos and Negotiate for nginx.
Logins are bound to the TLS connection that they come on.")
endif()
set(CPACK_COMPONENTS_ALL ${package_components})

# Debian wants these two beside each package, in forms of its own; no other installation does.
set(debian ${PROJECT_BINARY_DIR}/debian)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(${CMAKE_CURRENT_LIST_DIR}/debian-changelog.in ${debian}/changelog.Debian @ONLY)
file(ARCHIVE_CREATE OUTPUT ${debian}/changelog.Debian.gz PATHS ${debian}/changelog.Debian FORMAT raw
  COMPRESSION GZip COMPRESSION_LEVEL 9)
configure_file(${CMAKE_CURRENT_LIST_DIR}/debian-copyright ${debian}/copyright COPYONLY)
# Debian Policy 8.1.1.
file(WRITE ${debian}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${debian}/triggers)
file(WRITE ${debian}/conffiles "/etc/gss/mech.d/epa.conf\n")
set(CPACK_DEBIAN_GSS_PACKAGE_CONTROL_EXTRA ${debian}/conffiles)
foreach(component ${package_components})
  string(TOUPPER ${component} name)
  install(FILES ${debian}/copyright ${debian}/changelog.Debian.gz COMPONENT ${component}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${name}_PACKAGE_NAME} EXCLUDE_FROM_ALL)
endforeach()

include(CPack)
