using ClipDistributed.Coordinator.History.Artefacts;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ClipDistributed.Coordinator.Control.Rest;

/// <summary>A file as the response of an HTTP request, where the transcoder would write JSON.</summary>
internal static class ArtefactDownload
{
    /// <summary>The part that the header Range asks for; one that is not understood asks for nothing.</summary>
    /// <param name="total">Bytes of the file.</param>
    /// <returns>Null: the whole file. A first byte behind the end: the file has no such part.</returns>
    public static (long Offset, long Length)? RangeOf(HttpRequest request, long total)
    {
        if (!RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var header)
            || header is not { Ranges: { Count: 1 } ranges } || header.Unit != "bytes")
            return null;
        var range = ranges.First();
        if (range.From is not { } from) // the last so many bytes
            return (Math.Max(0, total - range.To!.Value), Math.Min(total, range.To.Value));
        long to = Math.Min(range.To ?? long.MaxValue, total - 1);
        return (from, Math.Max(0, to - from + 1));
    }

    /// <summary>Sets what comes before the bytes.</summary>
    public static void Begin(HttpResponse response, string name, ArtefactPart part)
    {
        bool isWhole = part.Length == part.Total;
        response.StatusCode = isWhole ? StatusCodes.Status200OK : StatusCodes.Status206PartialContent;
        response.ContentType = ArtefactNames.TypeOf(name);
        response.ContentLength = part.Length;
        var headers = response.Headers;
        headers.AcceptRanges = "bytes";
        if (!isWhole)
            headers.ContentRange = $"bytes {part.Offset}-{part.Offset + part.Length - 1}/{part.Total}";
        // A report shows captions of others: as a page of this address it could call the API as its reader.
        headers.ContentDisposition = $"attachment; filename=\"{Path.GetFileName(name)}\"";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "sandbox";
    }

    /// <summary>There is no such part.</summary>
    public static void Refuse(HttpResponse response, long total)
    {
        response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
        response.ContentType = "application/json";
        response.Headers.ContentRange = $"bytes */{total}";
    }
}
