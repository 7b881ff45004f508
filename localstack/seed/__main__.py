"""python -m seed: see README.md beside this file."""

import argparse
import os
import sys

from botocore.exceptions import BotoCoreError, ClientError

from . import account
from .target import Refused, Target, say


def main():
    p = argparse.ArgumentParser(prog="seed", description=__doc__)
    p.add_argument(
        "endpoint",
        metavar="ENDPOINT",
        help="the emulator, such as http://127.0.0.1:4566; anything but loopback is refused",
    )
    commands = p.add_subparsers(dest="command", required=True)
    for name, text in (
        ("demo", "the account of a small company, in us-east-1 and eu-west-1"),
        ("second", "a smaller account of the same company, kept in another way"),
        ("bench", "many instances, databases and buckets, in a fixed mix of states"),
    ):
        c = commands.add_parser(name, help=text)
        c.add_argument("--account", required=True, help="twelve digits")
        if name == "bench":
            c.add_argument("--size", type=int, required=True, help="of each kind, per region")
            c.add_argument(
                "--region", action="append", dest="regions", help="repeatable; default us-east-1"
            )
    args = p.parse_args()
    try:
        target = Target(args.endpoint, args.account)
        if args.command == "bench":
            account.bench(target, args.regions or ["us-east-1"], args.size)
        else:
            getattr(account, args.command)(target)
    except Refused as e:
        sys.exit(f"seed: {e}")
    except (ClientError, BotoCoreError) as e:
        sys.exit(f"seed: the emulator did not do what was asked: {e}")
    except KeyboardInterrupt:
        sys.exit(130)
    say("done")


if __name__ == "__main__":
    main()
