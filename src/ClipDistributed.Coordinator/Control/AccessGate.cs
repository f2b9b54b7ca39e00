using System.Net;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Leading;
using ClipDistributed.Coordinator.Links;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace ClipDistributed.Coordinator.Control;

/// <summary>
/// Who makes a call, and whether that one may, before anything of its body is read. What is let in has an <see cref="Admission"/>,
/// without which no call is served.
/// </summary>
internal sealed class AccessGate(
    LogIns logIns, FailedLogIns failed, AuditLog audit, Leadership leadership, TimeProvider time) : IMiddleware
{
    private const string Scheme = "Bearer ";

    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40); // a timer's own bound is 49

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint() is not { } endpoint || context.Features.Get<Admission>() is not null)
        {
            await next(context); // there is no such path, or it was let in before
            return;
        }
        var rule = CallRule.Of(endpoint);
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (rule.Role is null or Role.Replica)
        {
            context.Features.Set(new Admission(Principal.Stranger(Shown(address)), rule));
            await next(context);
            return;
        }
        // Another one may lead by now, with tokens of its own.
        if (!leadership.IsHeld)
        {
            await StatusResponse.WriteAsync(
                context, StatusCode.Unavailable, "this coordinator does not know whether it still leads", isServed: false);
            return;
        }
        if (await logIns.CheckAsync(Read(context.Request)) is not { } logIn)
        {
            await StatusResponse.WriteAsync(
                context, StatusCode.Unavailable, "the OpenID provider did not answer, so that its tokens cannot be checked; try again");
            return;
        }
        if (logIn.Token is not { } token)
        {
            await RefuseAsync(context, rule, address, logIn);
            return;
        }
        var caller = token.At(Shown(address));
        if (Denial(caller, rule) is { } denial)
        {
            string target = await DeniedTarget.ReadAsync(context, rule.Method, time);
            audit.Add(caller, Verb(context, rule), target, StatusCode.PermissionDenied);
            await StatusResponse.WriteAsync(context, StatusCode.PermissionDenied, denial);
            return;
        }
        if (rule.IsStream)
        {
            await ServeAsync(context, next, token, new Admission(caller, rule));
            return;
        }
        context.Features.Set(new Admission(caller, rule));
        await next(context);
    }

    /// <summary>An open call ends with its token.</summary>
    private async Task ServeAsync(HttpContext context, RequestDelegate next, HeldToken token, Admission admission)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(token.Revoked);
        using var expiry = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        await using var expired = expiry.Token.UnsafeRegister(static end => ((CancellationTokenSource)end!).Cancel(), ended);
        if (token.Row.Expires - time.GetUtcNow().UtcDateTime is { } left && left < LongestTimer)
            expiry.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, ended.Token);
        context.RequestAborted = over.Token;
        context.Features.Set(admission with { Ended = ended.Token });
        token.OnCallOpened();
        try
        {
            await next(context);
        }
        finally
        {
            token.OnCallEnded(time.GetUtcNow().UtcDateTime);
        }
    }

    private Task RefuseAsync(HttpContext context, CallRule rule, IPAddress address, LogIn logIn)
    {
        if (!failed.TryTake(address, out var wait))
            return StatusResponse.WriteAsync(
                context,
                StatusCode.ResourceExhausted,
                $"too many calls from {Shown(address)} had no valid token; try again in {Math.Ceiling(wait.TotalSeconds):0} s, with one",
                wait: wait);
        audit.Add(Principal.Stranger(Shown(address), logIn.TokenId), Verb(context, rule), "", StatusCode.Unauthenticated);
        return StatusResponse.WriteAsync(context, StatusCode.Unauthenticated, logIn.Refusal!);
    }

    /// <returns>Why the caller may not, and what to do; null: it may.</returns>
    private static string? Denial(Principal caller, CallRule rule)
    {
        if (!caller.May(rule.Role!.Value))
            return $"{caller.Owner} has a token of role {Name(caller.Role)}, and this needs {Name(rule.Role.Value)}; ask an admin for such "
                + "a token";
        if (caller.RunId != "" && rule.Method?.InputType.FindFieldByName("run_id") is null)
            return $"the token of {caller.Owner} is for run {caller.RunId} alone, and this is about others; ask an admin for another token";
        return null;
    }

    private static string? Read(HttpRequest request)
    {
        string? header = request.Headers.Authorization;
        return header is null ? null
            : header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : header;
    }

    private static string Verb(HttpContext context, CallRule rule) => rule.Method?.Name ?? $"{context.Request.Method} {Page(context)}";

    private static string Page(HttpContext context) => context.Request.Path.Value is { Length: <= 100 } path ? path : "";

    private static string Name(Role role) => $"{role}".ToLowerInvariant();

    private static string Shown(IPAddress address) => $"{CallerAddress.Plain(address)}";
}
