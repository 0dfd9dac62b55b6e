"""Providers built from the installed package: the policy decides about them as about ours."""

import os

import installed
from installed import HERE


class ProviderTest(installed.InstalledTestCase):
    def test_a_plug_in_and_a_package_of_ones_own_alone_and_in_negotiate(self):
        build = self.cmake(os.path.join(HERE, "provider"))
        lines = self.run_checked(os.path.join(build, "provider_logins")).splitlines()
        self.assertEqual(len(lines), 19, lines)
        self.assertEqual(sum("refused" in line for line in lines), 10, lines)
        self.assertIn("refused binding_not_checked", "\n".join(lines))


if __name__ == "__main__":
    installed.main()
