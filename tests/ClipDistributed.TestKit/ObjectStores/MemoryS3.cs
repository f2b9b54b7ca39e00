using System.Globalization;
using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace ClipDistributed.TestKit.ObjectStores;

/// <summary>S3's protocol as far as checkpoints use it: objects in memory, one request at a time.</summary>
public sealed class MemoryS3
{
    private const int PageSize = 5; // small, so that every list has several pages

    private static readonly XNamespace Names = "http://s3.amazonaws.com/doc/2006-03-01/";

    private readonly Dictionary<string, SortedDictionary<string, (byte[] Bytes, DateTime Written)>> buckets = [];
    private readonly Dictionary<string, SortedDictionary<int, byte[]>> uploads = [];

    /// <param name="path">Bucket and key, as in /bucket/key.</param>
    public Answer Handle(string method, string path, IQueryCollection query, IHeaderDictionary headers, byte[] body)
    {
        if (!headers.Authorization.ToString().Contains($"Credential={S3Server.AccessKey}/", StringComparison.Ordinal))
            return Error(403, "InvalidAccessKeyId");
        if (headers["x-amz-content-sha256"].ToString() is { Length: 64 } hash && hash != Convert.ToHexStringLower(SHA256.HashData(body)))
            return Error(400, "XAmzContentSHA256Mismatch");
        string[] parts = path.TrimStart('/').Split('/', 2);
        string name = parts[0], key = parts.Length > 1 ? parts[1] : "";
        if (key == "" && method == "PUT")
        {
            buckets[name] = new(StringComparer.Ordinal);
            return new Answer(200);
        }
        if (!buckets.TryGetValue(name, out var objects))
            return Error(404, "NoSuchBucket");
        if (headers.IfNoneMatch == "*" && objects.ContainsKey(key))
            return Error(412, "PreconditionFailed");
        return key == "" ? List(objects, query)
            : query.ContainsKey("uploads") || query.ContainsKey("uploadId") ? HandleParts(method, objects, key, query, body)
            : Handle(method, objects, key, body);
    }

    private static Answer Handle(string method, SortedDictionary<string, (byte[] Bytes, DateTime Written)> objects, string key, byte[] body)
    {
        switch (method)
        {
            case "PUT":
                objects[key] = (body, DateTime.UtcNow);
                return new Answer(200) { ETag = ETag(body) };
            case "DELETE":
                objects.Remove(key);
                return new Answer(204);
            default:
                return objects.TryGetValue(key, out var found)
                    ? new Answer(200) { Body = found.Bytes, ETag = ETag(found.Bytes) }
                    : Error(404, "NoSuchKey");
        }
    }

    private Answer HandleParts(
        string method,
        SortedDictionary<string, (byte[] Bytes, DateTime Written)> objects,
        string key,
        IQueryCollection query,
        byte[] body
    )
    {
        if (query.ContainsKey("uploads"))
        {
            string id = Guid.NewGuid().ToString("N");
            uploads[id] = [];
            return Xml(new XElement(Names + "InitiateMultipartUploadResult", new XElement(Names + "UploadId", id)));
        }
        string upload = query["uploadId"].ToString();
        if (!uploads.TryGetValue(upload, out var parts))
            return Error(404, "NoSuchUpload");
        switch (method)
        {
            case "PUT":
                parts[int.Parse(query["partNumber"].ToString(), CultureInfo.InvariantCulture)] = body;
                return new Answer(200) { ETag = ETag(body) };
            case "DELETE":
                uploads.Remove(upload);
                return new Answer(204);
            default:
                var wanted = XDocument
                    .Load(new MemoryStream(body))
                    .Descendants()
                    .Where(element => element.Name.LocalName == "Part")
                    .Select(part =>
                        (
                            (int)part.Elements().Single(e => e.Name.LocalName == "PartNumber"),
                            part.Elements().Single(e => e.Name.LocalName == "ETag").Value
                        )
                    )
                    .ToList();
                if (!wanted.SequenceEqual(parts.Select(part => (part.Key, ETag(part.Value)))))
                    return Error(400, "InvalidPart");
                objects[key] = (parts.Values.SelectMany(part => part).ToArray(), DateTime.UtcNow);
                uploads.Remove(upload);
                return Xml(new XElement(Names + "CompleteMultipartUploadResult", new XElement(Names + "Key", key)));
        }
    }

    private static Answer List(SortedDictionary<string, (byte[] Bytes, DateTime Written)> objects, IQueryCollection query)
    {
        string after = query["continuation-token"].ToString();
        var found = objects
            .Where(item =>
                item.Key.StartsWith(query["prefix"].ToString(), StringComparison.Ordinal) && string.CompareOrdinal(item.Key, after) > 0
            )
            .ToList();
        var page = found.Take(PageSize).ToList();
        return Xml(
            new XElement(
                Names + "ListBucketResult",
                new XElement(Names + "IsTruncated", found.Count > PageSize),
                found.Count > PageSize ? new XElement(Names + "NextContinuationToken", page[^1].Key) : null,
                page.Select(item => new XElement(
                    Names + "Contents",
                    new XElement(Names + "Key", item.Key),
                    new XElement(Names + "Size", item.Value.Bytes.Length),
                    new XElement(
                        Names + "LastModified",
                        item.Value.Written.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)
                    )
                ))
            )
        );
    }

    public static Answer Error(int status, string code) =>
        Xml(new XElement("Error", new XElement("Code", code), new XElement("Message", $"{code} it is."))) with
        {
            Status = status,
        };

    private static Answer Xml(XElement element) =>
        new(200) { Body = System.Text.Encoding.UTF8.GetBytes(element.ToString()), Type = "application/xml" };

    private static string ETag(byte[] content) => $"\"{Convert.ToHexStringLower(MD5.HashData(content))}\"";
}
