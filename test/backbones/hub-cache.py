"""What huggingface_hub itself does with a cache: `download <id> <pattern>…`, `find <id> <file>`, or `scan`."""

import json
import sys

from huggingface_hub import scan_cache_dir, snapshot_download, try_to_load_from_cache

command, *rest = sys.argv[1:]
if command == "download":
    print(json.dumps({"folder": snapshot_download(rest[0], allow_patterns=rest[1:])}))
elif command == "offline":
    print(json.dumps({"folder": snapshot_download(rest[0], local_files_only=True)}))
elif command == "find":
    found = try_to_load_from_cache(rest[0], rest[1])
    print(json.dumps({"path": found if isinstance(found, str) else None}))
elif command == "scan":
    report = scan_cache_dir()
    repos = [
        {
            "id": repo.repo_id,
            "bytes": repo.size_on_disk,
            "refs": sorted(repo.refs),
            "files": sorted(
                str(file.file_path.relative_to(revision.snapshot_path))
                for revision in repo.revisions
                for file in revision.files
            ),
        }
        for repo in report.repos
    ]
    print(json.dumps({"repos": repos, "warnings": [str(warning) for warning in report.warnings]}))
