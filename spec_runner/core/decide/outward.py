"""Which programs reach outside: they push, publish, deploy, send, or speak to a cloud, a cluster or another machine."""

# Annotations are evaluated here: for named tuples that is quicker than keeping them as texts.
import re
from collections.abc import Mapping

from spec_runner.core.patterns import Lazy
from spec_runner.core.shell.programs import Program, names

_SPEAKS_OUTSIDE = names(
    "gh glab aws gcloud gsutil bq az oci ibmcloud kubectl oc helm istioctl argocd flux eksctl kops skaffold nomad"
    " vercel netlify fly flyctl heroku railway render wrangler firebase eas doctl linode-cli hcloud eb cf"
    " dokku kamal cap surge gh-pages modal appwrite amplify sam cdk cdktf serverless sls pulumi terraform tofu"
    " terragrunt packer ansible ansible-playbook ansible-pull ssh scp sftp ssh-copy-id rclone s3cmd s5cmd"
    " twine vsce ovsx clasp semantic-release release-it np goreleaser skopeo crane oras"
    " ngrok cloudflared stripe sentry-cli mail mutt sendmail swaks telnet ftp lftp"
)
"""Programs whose whole use is to reach outside; most can also do something at home."""
_SPEAK_ALONE = names("vercel surge gh-pages semantic-release release-it np")
"""Those that need no word more to do so."""
_AT_HOME = names(
    "fmt validate version lint template synth init completion build package local dev help check"
    " kustomize emulators:start"
)
"""Subcommands of these that stay at home, but for some."""
_ABROAD = frozenset({("eas", "build"), ("packer", "build"), ("sam", "package")})
_AT_HOME_OPTIONS = ("--version", "--help", "--local", "--syntax-check", "--snapshot")
_PUBLISHES: Mapping[str, frozenset[str]] = {
    "git": names("push send-email"),
    "npm": names("publish login adduser deprecate unpublish dist-tag"),
    "pnpm": names("publish login"),
    "yarn": names("publish login"),
    "bun": names("publish"),
    "lerna": names("publish"),
    "changeset": names("publish"),
    "cargo": names("publish login yank"),
    "gem": names("push yank signin"),
    "docker": names("push login"),
    "buildah": names("push login"),
    "uv": names("publish"),
    "poetry": names("publish"),
    "hatch": names("publish"),
    "flit": names("publish"),
    "pdm": names("publish"),
    "mvn": names("deploy deploy:deploy release:perform"),
    "gradle": names("publish publishplugins"),
    "sbt": names("publish publishsigned"),
    "dart": names("publish"),
    "flutter": names("publish"),
    "supabase": names("link login push deploy"),
    "convex": names("deploy"),
    "expo": names("publish"),
    "dotnet": names("push"),
    "nuget": names("push"),
}
"""Programs that reach outside with some of their subcommands."""
_PUBLISHES_AS = {
    "podman": "docker",
    "docker-compose": "docker",
    "gradlew": "gradle",
    "mvnw": "mvn",
    "nerdctl": "docker",
}
_DEEP = names("docker supabase dotnet dart flutter")
"""Programs whose subcommand may stand behind another word: ``docker image push``."""
_GOALS = names("mvn gradle sbt")
"""Programs that are given several subcommands at once: ``mvn clean deploy``."""
_TARGET_RUNNERS = names("make gmake just task rake nx turbo gulp grunt ant mage invoke nox lein")
_SCRIPT_RUNNERS = names("npm pnpm yarn bun composer deno")
_INTERPRETERS = names("bash sh zsh python python3 py node ruby perl deno bun tsx ts-node php source .")
_SCRIPT = Lazy(r"(?:^|[:_-])(?:deploy|publish|release|push)(?:$|[:_-])", needs="deploy|publish|push|release")
_HARMLESS = Lazy(
    r"^(?:build|test|check|lint|verify|clean|validate)s?[:_-](?!.*(?:push|publish))"
    r"|[:_-](?:check|tests?|notes|lint|verify|build|docs?|dry(?:[_-]?run)?|local(?:ly)?|version)$"
)
"""Names of scripts that build or look at a release, and send none."""
_SCRIPT_FILE = Lazy(
    r"(?:.*[\\/])?(?:deploy|publish|release)(?:[_-](?!.*(?:notes|check|test|dry))[\w-]*)?\.(?:sh|py|[cm]?[jt]s|rb|pl|ps1)$",
    needs="deploy|publish|release",
)
_REMOTE = Lazy(
    r"https?://(?!localhost\b|127\.|0\.0\.0\.0|\[::1?\]|\$|[\w-]+(?::\d+)?(?:/|$)|host\.docker\.internal"
    r"|[\w.-]+\.(?:localhost|local|test|internal)\b)",
    re.IGNORECASE,
    needs="http",
)
_LOCAL = Lazy(r"(?:.*=)?https?://(?:localhost\b|127\.|0\.0\.0\.0|\[::1?\])", re.IGNORECASE, needs="http")
_METHOD = Lazy(r"(?:-X|--request=|--method=)?(?:POST|PUT|PATCH|DELETE)$", re.IGNORECASE, needs="post|put|patch|delete")
_HOST_PATH = Lazy(r"(?:[\w.-]+@)?[\w.-]{2,}:(?!//|\\)|rsync://", needs=":")
_CURL_SENDS = (
    "-d", "-F", "-T", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json", "--form",
    "--form-string", "--upload-file",
)  # fmt: skip
_WGET_SENDS = ("--post-data", "--post-file", "--body-data", "--body-file")


def reaches_out(program: Program) -> bool:
    """Whether a program does something outside this machine, or speaks to a cloud or a cluster at all.

    Getting something is not reaching out: ``git clone``, ``pip install``, ``curl URL``.
    """
    name, verbs = program.name, program.verbs
    if name in _SPEAKS_OUTSIDE:
        return _speaks(program, verbs)
    known = _PUBLISHES_AS.get(name, name)
    if known in _PUBLISHES and _publishes(known, verbs):
        return not program.has("--dry-run")
    if known == "docker" and (program.has("--push") or "type=registry" in " ".join(program.args)):
        return True
    if name == "rsync":
        return any(_HOST_PATH.match(word) for word in program.operands)
    if name in ("curl", "wget", "http", "https", "xh"):
        return _sends(program) and any(_REMOTE.match(word.removeprefix("--url=")) for word in program.args)
    return _deploys(program, verbs) and not program.has("--dry-run", "-n", "--just-print")


def _speaks(program: Program, verbs: tuple[str, ...]) -> bool:
    name, args = program.name, program.args
    if program.has(*_AT_HOME_OPTIONS) or args in (("-h",), ("-v",), ("-V",)):
        return False
    if name in _SPEAK_ALONE:
        return verbs[:1] not in (("dev",), ("build",)) and not program.has("--dry-run", "--preview")
    if not args or (name == "aws" and any(_LOCAL.match(word) for word in args)):
        return False
    return not verbs or verbs[0] not in _AT_HOME or (name, verbs[0]) in _ABROAD


def _publishes(name: str, verbs: tuple[str, ...]) -> bool:
    if name == "git" and verbs[:1] and verbs[0] in ("svn", "p4", "lfs", "subtree", "annex"):
        return verbs[1:2] in (("dcommit",), ("submit",), ("push",), ("sync",))
    if name == "yarn" and "npm" in verbs:
        return "publish" in verbs or "login" in verbs
    if name == "docker" and verbs[:1] and verbs[0] in ("run", "exec", "build", "tag"):
        return False
    said = verbs if name in _GOALS else verbs[:2] if name in _DEEP else verbs[:1]
    if name == "gradle":
        said = tuple(verb.rpartition(":")[2] for verb in said)
    return any(verb.lower() in _PUBLISHES[name] for verb in said)


def _deploys(program: Program, verbs: tuple[str, ...]) -> bool:
    """Whether a target, a script or a file is run whose name says that it deploys."""
    name = program.name
    if _SCRIPT_FILE.match(name):
        return True
    if name in _TARGET_RUNNERS:
        return any(_is_outward_name(verb) for verb in verbs if "=" not in verb)
    if name in _SCRIPT_RUNNERS:
        if verbs[:1] == ("workspace",):
            verbs = verbs[2:]
        if verbs[:1] and verbs[0] in ("run", "run-script", "task"):
            verbs = verbs[1:]
        return bool(verbs) and _is_outward_name(verbs[0])
    if name in _INTERPRETERS and not program.has("-c", "-m", "-e"):
        return bool(verbs) and _SCRIPT_FILE.match(verbs[0]) is not None
    return name in ("deploy", "publish") and not program.has("--help", "--version")


def _is_outward_name(word: str) -> bool:
    return _SCRIPT.search(word) is not None and _HARMLESS.search(word) is None


def _sends(program: Program) -> bool:
    """Whether a request changes something on the other side."""
    if program.name == "curl" and program.has("-G", "--get"):
        return False
    if program.has(*(_CURL_SENDS if program.name == "curl" else _WGET_SENDS)):
        return True
    return any(_METHOD.match(word) for word in program.args)
