using System.Buffers;
using System.Buffers.Binary;
using System.Text.RegularExpressions;
using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Http;

namespace ClipDistributed.Coordinator.Links;

/// <summary>
/// What a call is about that a known caller may not make, for the audit: nothing else of it is read. A path names it; of a message over
/// gRPC a little is read, and not waited for long.
/// </summary>
internal static partial class DeniedTarget
{
    private const int PrefixBytes = 5, MaxBytes = 4096; // as gRPC frames a message: whether it is compressed, and its length

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <returns>Empty: it is not known.</returns>
    public static async Task<string> ReadAsync(HttpContext context, MethodDescriptor? method, TimeProvider time)
    {
        if (method is null or { IsClientStreaming: true } || AuditTarget.FieldOf(method) == "")
            return "";
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) != true)
            return InPath(method, context.Request.Path.Value ?? "");
        try
        {
            using var late = new CancellationTokenSource(Patience, time);
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(late.Token, context.RequestAborted);
            return await MessageAsync(context.Request, method, ends.Token) is { } message ? AuditTarget.Of(method, message, null) : "";
        }
        catch (Exception unread) when (unread is OperationCanceledException or IOException or InvalidProtocolBufferException)
        {
            return ""; // it is refused all the same
        }
    }

    /// <summary>As in <c>/v1/runs/demo-1:stop</c> of <c>/v1/runs/{run_id}:stop</c>.</summary>
    private static string InPath(MethodDescriptor method, string path)
    {
        var http = method.GetOptions().GetExtension(AnnotationsExtensions.Http);
        string before = Variable().Split(http.Get + http.Post + http.Put + http.Patch + http.Delete)[0];
        return path.StartsWith(before, StringComparison.OrdinalIgnoreCase) ? path[before.Length..].Split('/', ':')[0] : "";
    }

    /// <returns>Null: it is compressed, or too long.</returns>
    private static async Task<IMessage?> MessageAsync(HttpRequest request, MethodDescriptor method, CancellationToken cancel)
    {
        var prefix = await request.BodyReader.ReadAtLeastAsync(PrefixBytes, cancel);
        if (Length(prefix.Buffer) is not { } length)
            return null;
        request.BodyReader.AdvanceTo(prefix.Buffer.Start, prefix.Buffer.End);
        var whole = await request.BodyReader.ReadAtLeastAsync(PrefixBytes + length, cancel);
        return whole.Buffer.Length < PrefixBytes + length
            ? null : method.InputType.Parser.ParseFrom(whole.Buffer.Slice(PrefixBytes, length));
    }

    private static int? Length(ReadOnlySequence<byte> read)
    {
        if (read.Length < PrefixBytes)
            return null;
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        read.Slice(0, PrefixBytes).CopyTo(prefix);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        return prefix[0] == 0 && length <= MaxBytes ? (int)length : null;
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Variable();
}
