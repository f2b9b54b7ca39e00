using System.Collections.Concurrent;
using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using ClipDistributed.Data.Checkpoints;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Logging;
using S3Location = ClipDistributed.Contracts.Files.S3Location;
using S3Bucket = ClipDistributed.Data.Checkpoints.S3Bucket;

namespace ClipDistributed.TestKit.ObjectStores;

/// <summary>
/// An S3 server that can be stopped, started again and made to refuse requests. The variable CLIPD_TEST_S3 puts it as a gate
/// before another server, as in http://127.0.0.1:4568; what that one may lack, If-None-Match, the gate does itself.
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    public const string AccessKey = "S3RVER", SecretKey = "S3RVER"; // what s3rver knows

    private readonly MemoryS3 memory = new();
    private readonly HttpClient? other = Environment.GetEnvironmentVariable("CLIPD_TEST_S3") is { Length: > 0 } url
        ? new HttpClient { BaseAddress = new Uri(url) }
        : null;
    private readonly SemaphoreSlim oneByOne = new(1, 1);
    private WebApplication app;

    private S3Server() => app = Build(port: 0);

    public static async Task<S3Server> StartAsync()
    {
        var server = new S3Server();
        await server.app.StartAsync();
        server.Port = new Uri(server.app.Urls.Single()).Port;
        server.Client = server.NewClient();
        await server.Client.PutBucketAsync(server.Bucket);
        return server;
    }

    /// <summary>Another server answers.</summary>
    public bool IsGate => other is not null;

    public int Port { get; private set; }

    public string Endpoint => $"http://127.0.0.1:{Port}";

    public string Bucket { get; } = $"clipd-{Guid.NewGuid():N}";

    /// <summary>Tries everything once.</summary>
    public IAmazonS3 Client { get; private set; } = null!;

    /// <summary>Such requests are answered with 503.</summary>
    public Func<HttpRequest, bool> Refuses { get; set; } = _ => false;

    /// <summary>Such requests are never answered.</summary>
    public Func<HttpRequest, bool> Ignores { get; set; } = _ => false;

    /// <summary>Method, path and query of what came and was not refused.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public IAmazonS3 NewClient(string accessKey = AccessKey)
    {
        var config = S3Connection.Config(Endpoint);
        config.MaxErrorRetry = 0;
        return new AmazonS3Client(new BasicAWSCredentials(accessKey, SecretKey), config);
    }

    /// <summary>The place <c>s3://bucket/runs/demo</c>, as one process of a run sees it.</summary>
    public S3Checkpoints Checkpoints(
        string run = "one",
        string? bucket = null,
        string accessKey = AccessKey,
        TimeSpan? maxSilence = null
    ) => new(new S3Bucket(new S3Location(bucket ?? Bucket, "runs/demo/"), NewClient(accessKey), maxSilence), run, partBytes: 64 << 10);

    public async Task<List<string>> KeysAsync() =>
        [.. (await new S3Bucket(new S3Location(Bucket, ""), Client).ListAsync("", CancellationToken.None)).Select(found => found.Key)];

    /// <summary>Changes one bit in the middle of the only object whose key ends so.</summary>
    public async Task DamageAsync(string ending)
    {
        string key = (await KeysAsync()).Single(found => found.EndsWith(ending, StringComparison.Ordinal));
        using var content = new MemoryStream();
        using (var answer = await Client.GetObjectAsync(Bucket, key))
            await answer.ResponseStream.CopyToAsync(content);
        byte[] bytes = content.ToArray();
        bytes[bytes.Length / 2] ^= 1;
        await Client.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = Bucket,
                Key = key,
                InputStream = new MemoryStream(bytes),
                UseChunkEncoding = false,
            }
        );
    }

    /// <summary>Connections are refused from here on.</summary>
    public async Task StopAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    /// <summary>On the same port, with all objects.</summary>
    public Task StartAgainAsync()
    {
        app = Build(Port);
        return app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await StopAsync();
        other?.Dispose();
        oneByOne.Dispose();
    }

    private WebApplication Build(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        var built = builder.Build();
        built.Run(HandleAsync);
        return built;
    }

    private async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        using var content = new MemoryStream();
        await request.Body.CopyToAsync(content);
        if (Ignores(request))
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }
        await oneByOne.WaitAsync();
        try
        {
            var answer = Refuses(request) ? MemoryS3.Error(503, "SlowDown") : await AnswerAsync(request, content.ToArray());
            context.Response.StatusCode = answer.Status;
            context.Response.ContentType = answer.Type;
            if (answer.ETag is not null)
                context.Response.Headers.ETag = answer.ETag;
            if (request.Method != "HEAD" && answer.Status != 204)
                await context.Response.Body.WriteAsync(answer.Body);
        }
        finally
        {
            oneByOne.Release();
        }
    }

    private async Task<Answer> AnswerAsync(HttpRequest request, byte[] body)
    {
        Requests.Enqueue($"{request.Method} {request.Path}{request.QueryString}");
        if (other is null)
            return memory.Handle(request.Method, request.Path, request.Query, request.Headers, body);
        if (request.Headers.IfNoneMatch == "*" && await ExistsAsync(other, request.Path))
            return MemoryS3.Error(412, "PreconditionFailed");
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), request.GetEncodedPathAndQuery())
        {
            Content = new ByteArrayContent(body),
        };
        // the signature covers the host's name too
        foreach (var (name, value) in request.Headers.Where(header => header.Key != "If-None-Match"))
        {
            if (!message.Headers.TryAddWithoutValidation(name, value.ToString()))
                message.Content.Headers.TryAddWithoutValidation(name, value.ToString());
        }
        using var answer = await other.SendAsync(message);
        return new Answer((int)answer.StatusCode)
        {
            Body = await answer.Content.ReadAsByteArrayAsync(),
            Type = answer.Content.Headers.ContentType?.ToString() ?? "",
            ETag = answer.Headers.ETag?.ToString(),
        };
    }

    private static async Task<bool> ExistsAsync(HttpClient other, string path)
    {
        string[] parts = path.TrimStart('/').Split('/', 2);
        using var direct = new AmazonS3Client(
            new BasicAWSCredentials(AccessKey, SecretKey),
            S3Connection.Config(other.BaseAddress!.ToString())
        );
        return (
            (await direct.ListObjectsV2Async(new ListObjectsV2Request { BucketName = parts[0], Prefix = parts[1] })).S3Objects ?? []
        ).Any(found => found.Key == parts[1]);
    }
}
