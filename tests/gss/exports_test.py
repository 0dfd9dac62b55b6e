"""The plug-in's libraries have the names that GSS-API asks for, and nothing else."""

import os
import subprocess
import unittest

FOLDER = os.environ["EPA_GSS_FOLDER"]
# What GSS-API asks an interposer for, as libgssapi_krb5 1.20 spells it, without those that are of no
# use to one of Kerberos: lists that GSS-API makes itself, and what only SPNEGO has.
INTERPOSER = """
gss_mech_interposer gssi_accept_sec_context gssi_acquire_cred gssi_acquire_cred_from
gssi_acquire_cred_impersonate_name gssi_acquire_cred_with_password gssi_authorize_localname
gssi_compare_name gssi_complete_auth_token gssi_context_time gssi_delete_name_attribute
gssi_delete_sec_context gssi_display_name gssi_display_name_ext gssi_display_status
gssi_duplicate_name gssi_export_cred gssi_export_name gssi_export_name_composite
gssi_export_sec_context gssi_get_mic gssi_get_mic_iov gssi_get_mic_iov_length
gssi_get_name_attribute gssi_import_cred_by_mech gssi_import_name gssi_import_name_by_mech
gssi_import_sec_context_by_mech gssi_init_sec_context gssi_inquire_attrs_for_mech
gssi_inquire_context gssi_inquire_cred gssi_inquire_cred_by_mech gssi_inquire_cred_by_oid
gssi_inquire_mech_for_saslname gssi_inquire_name gssi_inquire_names_for_mech
gssi_inquire_saslname_for_mech gssi_inquire_sec_context_by_oid gssi_localname
gssi_map_name_to_any gssi_mech_invoke gssi_process_context_token gssi_pseudo_random
gssi_release_any_name_mapping gssi_release_cred gssi_release_name gssi_set_cred_option
gssi_set_name_attribute gssi_set_sec_context_option gssi_store_cred gssi_store_cred_into
gssi_unwrap gssi_unwrap_aead gssi_unwrap_iov gssi_verify_mic gssi_verify_mic_iov gssi_wrap
gssi_wrap_aead gssi_wrap_iov gssi_wrap_iov_length gssi_wrap_size_limit"""
NTLM = """
gss_accept_sec_context gss_acquire_cred gss_acquire_cred_from gss_compare_name gss_context_time
gss_delete_sec_context gss_display_name gss_display_status gss_duplicate_name gss_get_mic
gss_get_mic_iov gss_get_mic_iov_length gss_init_sec_context gss_inquire_attrs_for_mech
gss_inquire_context gss_inquire_cred gss_inquire_cred_by_mech gss_inquire_mech_for_saslname
gss_inquire_saslname_for_mech gss_inquire_sec_context_by_oid gss_localname gss_release_cred
gss_release_name gss_set_sec_context_option gss_unwrap gss_unwrap_iov gss_verify_mic
gss_verify_mic_iov gss_wrap gss_wrap_iov gss_wrap_iov_length gss_wrap_size_limit
gssspi_acquire_cred_with_password gssspi_import_name_by_mech gssspi_set_cred_option"""
LIBRARIES = {
    "libepa-gss.so": ("EPA_GSS_1", INTERPOSER),
    "libepa-gss-ntlm.so": ("EPA_GSS_NTLM_1", NTLM),
    "libepa-gss-engine.so": ("EPA_GSS_ENGINE_1", "epa_gss_engine_1 epa_gss_report_1"),
}


class ExportsTest(unittest.TestCase):
    @staticmethod
    def output_of(*command):
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def test_names(self):
        for library, (version, names) in LIBRARIES.items():
            with self.subTest(library):
                listing = self.output_of("nm", "-D", "--defined-only",
                                         os.path.join(FOLDER, library))
                found = {line.split()[-1] for line in listing.splitlines()}
                self.assertEqual(found, {version} | {f"{name}@@{version}"
                                                     for name in names.split()})

    def test_what_every_program_loads_calls_nothing_of_its_own_names(self):
        listing = self.output_of("nm", "-D", "--undefined-only",
                                 os.path.join(FOLDER, "libepa-gss.so"))
        called = {line.split()[-1].partition("@")[0] for line in listing.splitlines()}
        self.assertEqual({name for name in called if name.startswith("gssi_")}, set())
        self.assertIn("gss_accept_sec_context", called)


if __name__ == "__main__":
    unittest.main()
