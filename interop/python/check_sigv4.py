"""Signs requests with botocore, as AWS's own tools do: check_sigv4.py JSON

Takes keys, a region and the received requests; prints the expected signatures.
"""

import json
import sys

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

job = json.loads(sys.argv[1])
credentials = Credentials(job["accessKeyId"], job["secretAccessKey"], job["sessionToken"])
auth = S3SigV4Auth(credentials, "s3", job["region"])
signatures = []
for received in job["requests"]:
    request = AWSRequest(method=received["method"], url=received["url"], headers=received["headers"])
    request.context["timestamp"] = received["headers"]["x-amz-date"]
    text = auth.string_to_sign(request, auth.canonical_request(request))
    signatures.append(auth.signature(text, request))
print(json.dumps(signatures))
