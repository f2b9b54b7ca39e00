using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Dashboard.Sessions;
using ClipDistributed.Dashboard.SigningIn;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ClipDistributed.Dashboard.Downloads;

/// <summary>Files of a run for browsers, whose cookie the control API does not take.</summary>
internal static class ArtefactDownloads
{
    /// <param name="name">As it is listed.</param>
    public static string Url(string runId, string name) =>
        $"/runs/{Uri.EscapeDataString(runId)}/files/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}";

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/runs/{runId}/files/{**name}", SendAsync).RequireAuthorization().WithMetadata(PageMark.Instance);

    private static async Task SendAsync(HttpContext context, SessionTable sessions, CallInvoker calls, string runId, string name)
    {
        if (SessionCookie.Find(sessions, context.User) is not { } session)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }
        var history = new HistoryService.HistoryServiceClient(SessionCalls.With(calls, session.Token, session.Address));
        try
        {
            using var call = history.ReadArtefact(
                new ReadArtefactRequest { RunId = runId, Name = name }, cancellationToken: context.RequestAborted);
            await foreach (var piece in call.ResponseStream.ReadAllAsync(context.RequestAborted))
            {
                if (!context.Response.HasStarted)
                    Begin(context.Response, name, piece.TotalBytes);
                await context.Response.Body.WriteAsync(piece.Data.Memory, context.RequestAborted);
            }
            if (!context.Response.HasStarted)
                Begin(context.Response, name, 0);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The browser has gone.
        }
        catch (RpcException) when (context.RequestAborted.IsCancellationRequested)
        {
            // As above.
        }
        catch (RpcException) when (context.Response.HasStarted)
        {
            context.Abort(); // the browser sees that the file is not whole
        }
        catch (RpcException failed)
        {
            context.Response.StatusCode = StatusOf(failed.StatusCode);
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(failed.Status.Detail, context.RequestAborted);
        }
    }

    /// <summary>A report shows captions of others: it is saved, and runs nothing where it is opened here all the same.</summary>
    private static void Begin(HttpResponse response, string name, long bytes)
    {
        response.ContentType = "application/octet-stream";
        response.ContentLength = bytes;
        response.Headers.ContentDisposition = $"attachment; filename=\"{System.IO.Path.GetFileName(name)}\"";
        response.Headers.ContentSecurityPolicy = "sandbox";
    }

    private static int StatusOf(StatusCode code) => code switch
    {
        StatusCode.NotFound => StatusCodes.Status404NotFound,
        StatusCode.PermissionDenied => StatusCodes.Status403Forbidden,
        StatusCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        _ => StatusCodes.Status503ServiceUnavailable,
    };
}
