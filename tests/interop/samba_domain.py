"""An Active Directory domain of one's own: Samba's domain controller in one directory.

Of its services the KDC runs, on loopback ports, and those that are asked for, which have ports that
are fixed; the directory is changed in its database.
"""

import logging
import os

import ldb
import samba.dckeytab  # adds Net.export_keytab; pylint: disable=unused-import
import samba.provision
from samba.auth import system_session
from samba.dcerpc import security
from samba.dsdb import (DS_DOMAIN_FUNCTION_2008_R2, GTYPE_SECURITY_DOMAIN_LOCAL_GROUP,
                        GTYPE_SECURITY_GLOBAL_GROUP, GTYPE_SECURITY_UNIVERSAL_GROUP)
from samba.ndr import ndr_unpack
from samba.net import Net
from samba.param import LoadParm
from samba.samdb import SamDB

from epa_command import ReservedPort
from interop_peer import program
from kerberos_realm import (get_ticket, start_server, stop_server, wait_for_port,
                            write_client_configuration)

REALM = "AD.EPA.TEST"
PASSWORD = "Correct.Horse.1"

GLOBAL = GTYPE_SECURITY_GLOBAL_GROUP
UNIVERSAL = GTYPE_SECURITY_UNIVERSAL_GROUP
DOMAIN_LOCAL = GTYPE_SECURITY_DOMAIN_LOCAL_GROUP

# AES128 and AES256 with HMAC-SHA1-96 ([MS-KILE] 2.2.7).
AES = "24"


class SambaDomain:
    """Ends with close()."""

    def __init__(self, directory, services="kdc", settings=""):
        """`settings`: further lines of smb.conf."""
        self._directory = directory
        self._services = services
        self._settings = settings
        self._port = ReservedPort()
        self._kdc = None
        self.configuration = write_client_configuration(directory, REALM, self._port.number)
        # Samba's own Kerberos library, in this process and in the KDC, reads this.
        os.environ["KRB5_CONFIG"] = self.configuration
        self._smb_conf = self._write_smb_conf()
        self._parameters = LoadParm()
        self._parameters.load(self._smb_conf)
        provisioned = samba.provision.provision(
            logging.getLogger("provision"), system_session(), targetdir=self._path("dc"),
            realm=REALM, domain="AD", hostname="dc", hostip="127.0.0.1", adminpass=PASSWORD,
            dns_backend="NONE", serverrole="active directory domain controller",
            dom_for_fun_level=DS_DOMAIN_FUNCTION_2008_R2, lp=self._parameters, batch_mode=True)
        self._database = provisioned.samdb

    def close(self):
        if self._kdc is not None:
            stop_server(self._kdc)
        self._port.close()

    def add_user(self, name):
        self._database.newuser(name, PASSWORD)

    def add_computer(self, name):
        """A machine account, which the directory calls by the name and a dollar."""
        self._database.newcomputer(name, prepare_oldjoin=True)
        self._database.setpassword(f"(sAMAccountName={name}$)", PASSWORD)

    def set_principal_name(self, account, name):
        change = ldb.Message(self._entry(account).dn)
        change["upn"] = ldb.MessageElement(f"{name}@{REALM}", ldb.FLAG_MOD_REPLACE,
                                           "userPrincipalName")
        self._database.modify(change)

    def add_group(self, name, kind, members):
        self._database.newgroup(name, grouptype=kind)
        self._database.add_remove_group_members(name, members)

    def add_service(self, account, principal):
        """An account with this service principal and AES keys; the path of its keytab."""
        self.add_user(account)
        self.add_principal(account, principal)
        change = ldb.Message(self._entry(account).dn)
        change["types"] = ldb.MessageElement(AES, ldb.FLAG_MOD_REPLACE,
                                             "msDS-SupportedEncryptionTypes")
        self._database.modify(change)
        keytab = self._path("service.keytab")
        Net(None, self._parameters).export_keytab(keytab=keytab, principal=principal)
        return keytab

    def add_principal(self, account, principal):
        change = ldb.Message(self._entry(account).dn)
        change["spn"] = ldb.MessageElement(principal, ldb.FLAG_MOD_ADD, "servicePrincipalName")
        self._database.modify(change)

    def sid(self, account):
        return self._sids(account, "objectSid")[0]

    def token_groups(self, account):
        """Every group that the directory itself counts the account in, nested ones included."""
        return self._sids(account, "tokenGroups")

    def start(self, *ports):
        """Until it takes connections at these, too."""
        self._kdc = start_server(
            [program("/usr/sbin/samba", "samba"), "-F", "-M", "single", "--debug-stdout",
             "-s", self._smb_conf],
            os.environ)
        for port in (self._port.number, *ports):
            wait_for_port(port, self._kdc)

    def ticket_cache(self, user):
        return get_ticket(self.configuration, self._directory, f"{user}@{REALM}", PASSWORD)

    def _entry(self, account, *attributes):
        found = self._database.search(expression=f"(sAMAccountName={account})", attrs=["dn"])
        return self._database.search(found[0].dn, scope=ldb.SCOPE_BASE,
                                     attrs=list(attributes))[0]

    def _sids(self, account, attribute):
        return [str(ndr_unpack(security.dom_sid, value))
                for value in self._entry(account, attribute)[attribute]]

    def _write_smb_conf(self):
        path = self._path("dc/etc/smb.conf")
        os.makedirs(os.path.dirname(path))
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"""
[global]
 netbios name = DC
 workgroup = AD
 realm = {REALM}
 server role = active directory domain controller
 server services = {self._services}
 log level = 0
 interfaces = 127.0.0.1
 bind interfaces only = yes
 krb5 port = {self._port.number}
 kpasswd port = 0
 log file = {self._path("samba.log")}
 private dir = {self._path("dc/private")}
 lock directory = {self._path("dc")}
 state directory = {self._path("dc/state")}
 cache directory = {self._path("dc/cache")}
 binddns dir = {self._path("dc/bind-dns")}
 pid directory = {self._path("dc")}
 ncalrpc dir = {self._path("dc/ncalrpc")}
{self._settings}
[sysvol]
 path = {self._path("dc/state/sysvol")}
[netlogon]
 path = {self._path("dc/state/sysvol/scripts")}
""")
        return path

    def _path(self, name):
        return os.path.join(self._directory, name)
