"""The plug-in has the two names that libsasl2 asks for, and nothing else."""

import os
import subprocess
import unittest

PLUGIN = os.environ["EPA_CYRUS_SASL"]
VERSION = "EPA_CYRUS_SASL_1"


class ExportsTest(unittest.TestCase):
    def test_names(self):
        listing = subprocess.run(["nm", "-D", "--defined-only", PLUGIN], check=True,
                                 capture_output=True, text=True).stdout
        found = {line.split()[-1] for line in listing.splitlines()}
        self.assertEqual(found, {VERSION, f"sasl_client_plug_init@@{VERSION}",
                                 f"sasl_server_plug_init@@{VERSION}"})

    def test_needs_no_other_library_of_sasl_or_gss(self):
        listing = subprocess.run(["readelf", "-d", PLUGIN], check=True, capture_output=True,
                                 text=True).stdout
        for library in ("libsasl2", "libgssapi_krb5"):
            self.assertNotIn(library, listing)


if __name__ == "__main__":
    unittest.main()
