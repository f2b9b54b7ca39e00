using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using S3Location = ClipDistributed.Contracts.Files.S3Location;

namespace ClipDistributed.Data.Checkpoints;

/// <summary>
/// The few calls to S3 that checkpoints need. Failures are <see cref="IOException"/>s that say what S3 did;
/// <see cref="BucketRefusedException"/> where trying again is useless. No call is waited for while nothing moves, and as long
/// as it takes while something does.
/// </summary>
/// <param name="maxSilence">Null: 30 s.</param>
public sealed class S3Bucket(S3Location location, IAmazonS3 client, TimeSpan? maxSilence = null)
{
    private const int CopiedAtOnce = 1 << 20;

    // S3 puts parts together in minutes, and says nothing meanwhile
    private static readonly TimeSpan MaxAssembly = TimeSpan.FromMinutes(5);

    private readonly TimeSpan maxSilence = maxSilence ?? TimeSpan.FromSeconds(30);

    public S3Location Location => location;

    /// <summary>All objects whose keys begin so, by key, and when each was written.</summary>
    public async Task<IReadOnlyList<S3Object>> ListAsync(string prefix, CancellationToken cancel)
    {
        var found = new List<S3Object>();
        var request = new ListObjectsV2Request { BucketName = location.Bucket, Prefix = prefix };
        while (true)
        {
            var page = await CallAsync(call => client.ListObjectsV2Async(request, call.Over), cancel);
            found.AddRange(page.S3Objects ?? []);
            if (page.IsTruncated != true)
                return found;
            request.ContinuationToken = page.NextContinuationToken;
        }
    }

    /// <summary>The content as a stream; null: there is no such object.</summary>
    public async Task<Stream?> OpenAsync(string key, CancellationToken cancel)
    {
        try
        {
            return (await CallAsync(call => client.GetObjectAsync(location.Bucket, key, call.Over), cancel)).ResponseStream;
        }
        catch (IOException absent) when (S3Failures.IsAbsent(absent))
        {
            return null;
        }
    }

    /// <summary>The content of a small object; null: there is none.</summary>
    public async Task<byte[]?> ReadAsync(string key, CancellationToken cancel)
    {
        await using var stream = await OpenAsync(key, cancel);
        if (stream is null)
            return null;
        using var content = new MemoryStream();
        await CopyAsync(stream, content, cancel);
        return content.ToArray();
    }

    /// <summary>Reads an object's content to its end.</summary>
    public async Task CopyAsync(Stream content, Stream target, CancellationToken cancel)
    {
        byte[] buffer = new byte[CopiedAtOnce];
        for (int read; (read = await CallAsync(call => content.ReadAsync(buffer, call.Over).AsTask(), cancel)) > 0;)
            target.Write(buffer, 0, read);
    }

    public Task PutAsync(string key, string path, CancellationToken cancel) =>
        CallAsync(
            call =>
                client.PutObjectAsync(
                    new PutObjectRequest
                    {
                        BucketName = location.Bucket,
                        Key = key,
                        FilePath = path,
                        UseChunkEncoding = false,
                        StreamTransferProgress = (_, _) => call.Moved(),
                    },
                    call.Over
                ),
            cancel
        );

    /// <summary>True: the object was made; false: there is one, and it stays as it is.</summary>
    public async Task<bool> PutIfAbsentAsync(string key, byte[] content, CancellationToken cancel)
    {
        try
        {
            await CallAsync(
                call =>
                    client.PutObjectAsync(
                        new PutObjectRequest
                        {
                            BucketName = location.Bucket,
                            Key = key,
                            InputStream = new MemoryStream(content),
                            IfNoneMatch = "*",
                            UseChunkEncoding = false,
                        },
                        call.Over
                    ),
                cancel
            );
            return true;
        }
        catch (IOException there) when (there.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.PreconditionFailed })
        {
            return false;
        }
    }

    public Task DeleteAsync(string key, CancellationToken cancel) =>
        CallAsync(call => client.DeleteObjectAsync(location.Bucket, key, call.Over), cancel);

    /// <summary>The id of a new upload in parts.</summary>
    public async Task<string> BeginPartsAsync(string key, CancellationToken cancel) =>
        (
            await CallAsync(
                call =>
                    client.InitiateMultipartUploadAsync(
                        new InitiateMultipartUploadRequest { BucketName = location.Bucket, Key = key },
                        call.Over
                    ),
                cancel
            )
        ).UploadId;

    /// <summary>What S3 calls the part: <see cref="CompletePartsAsync"/> needs it.</summary>
    public async Task<string> PutPartAsync(string key, string upload, S3Part part, CancellationToken cancel) =>
        (
            await CallAsync(
                call =>
                    client.UploadPartAsync(
                        new UploadPartRequest
                        {
                            BucketName = location.Bucket,
                            Key = key,
                            UploadId = upload,
                            PartNumber = part.Number,
                            FilePath = part.Path,
                            FilePosition = part.Offset,
                            PartSize = part.Bytes,
                            UseChunkEncoding = false,
                            StreamTransferProgress = (_, _) => call.Moved(),
                        },
                        call.Over
                    ),
                cancel
            )
        ).ETag;

    public Task CompletePartsAsync(string key, string upload, IEnumerable<(int Number, string ETag)> parts, CancellationToken cancel) =>
        CallAsync(
            call =>
                client.CompleteMultipartUploadAsync(
                    new CompleteMultipartUploadRequest
                    {
                        BucketName = location.Bucket,
                        Key = key,
                        UploadId = upload,
                        PartETags = [.. parts.Select(part => new PartETag(part.Number, part.ETag))],
                    },
                    call.Over
                ),
            cancel,
            MaxAssembly
        );

    public Task AbortPartsAsync(string key, string upload, CancellationToken cancel) =>
        CallAsync(call => client.AbortMultipartUploadAsync(location.Bucket, key, upload, call.Over), cancel);

    /// <param name="patience">Null: the longest allowed silence.</param>
    private async Task<T> CallAsync<T>(Func<S3Call, Task<T>> send, CancellationToken cancel, TimeSpan? patience = null)
    {
        using var call = new S3Call(patience ?? maxSilence, cancel);
        try
        {
            return await send(call);
        }
        catch (Exception failed)
            when (failed
                    is AmazonServiceException
                        or AmazonClientException
                        or HttpRequestException
                        or IOException
                        or OperationCanceledException
            )
        {
            cancel.ThrowIfCancellationRequested();
            throw call.IsSilent
                ? new IOException($"{location}: S3 does not answer (nothing moved for {call.Patience.TotalSeconds:0.#} s)", failed)
                : S3Failures.Translate(location, failed);
        }
    }
}
