using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ClipDistributed.Coordinator.Control.OpenApi;

/// <summary>The description of the API for programs, /openapi.json, and for people, /docs, which needs nothing of the internet.</summary>
internal static class ApiPages
{
    /// <summary>What a browser lets the page do, whatever a comment of a proto holds.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'";

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Lazy<byte[]> Document = new(() => Encoding.UTF8.GetBytes(OpenApiDocument.Write().ToJsonString(Json)));

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/openapi.json", (RequestDelegate)(context => WriteAsync(context.Response, "application/json", Document.Value)))
            .AllowAnonymous(); // what there is to call is no secret
        (string, string, string)[] files =
        [
            ("/docs", "docs.html", "text/html"),
            ("/docs/docs.css", "docs.css", "text/css"),
            ("/docs/docs.js", "docs.js", "text/javascript"),
        ];
        foreach (var (path, file, type) in files)
        {
            byte[] content = Read(file);
            app.MapGet(path, (RequestDelegate)(context => WriteAsync(context.Response, type, content))).AllowAnonymous();
        }
    }

    private static byte[] Read(string file)
    {
        using var stream = typeof(ApiPages).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"The assembly lacks its resource {file}.");
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    private static Task WriteAsync(HttpResponse response, string type, byte[] content)
    {
        response.ContentType = $"{type}; charset=utf-8";
        response.Headers.CacheControl = "no-cache"; // the next version has other calls
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        return response.Body.WriteAsync(content).AsTask();
    }
}
