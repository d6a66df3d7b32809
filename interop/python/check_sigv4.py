"""Signs requests anew with botocore, which is what AWS's own tools sign with: check_sigv4.py JSON

Takes keys, a region, and requests as they came; prints the signatures that they must have.
"""

import json
import sys

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

given = json.loads(sys.argv[1])
credentials = Credentials(given["accessKeyId"], given["secretAccessKey"], given["sessionToken"])
auth = S3SigV4Auth(credentials, "s3", given["region"])
signatures = []
for sent in given["requests"]:
    request = AWSRequest(method=sent["method"], url=sent["url"], headers=sent["headers"])
    request.context["timestamp"] = sent["headers"]["x-amz-date"]
    text = auth.string_to_sign(request, auth.canonical_request(request))
    signatures.append(auth.signature(text, request))
print(json.dumps(signatures))
