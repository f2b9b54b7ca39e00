using System.Globalization;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Control.Lists;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Enum = System.Enum;

namespace ClipDistributed.Coordinator.Control;

/// <summary>The gRPC service for those who run the coordinator.</summary>
internal sealed class AdminApi(
    TokenIssuer issuer, TokenTable tokens, AuditLog audit, ServerDescription server, BackupStream backups)
    : AdminService.AdminServiceBase
{
    private static readonly ListOrder<HeldToken> TokenOrder =
        new("created", token => $"{token.Row.Created.Ticks:D19} {token.Row.TokenId}", NewestFirst: true);
    private static readonly ListOrder<AuditRow> AuditOrder = new("time", entry => $"{entry.Place:D19}", NewestFirst: true);

    public override async Task<CreateTokenResponse> CreateToken(CreateTokenRequest request, ServerCallContext context)
    {
        var (token, text) = await issuer.CreateAsync(request);
        return new CreateTokenResponse { Token = Show(token), Text = text };
    }

    public override Task<ListTokensResponse> ListTokens(ListTokensRequest request, ServerCallContext context)
    {
        var page = Page.Of(tokens.All, TokenOrder, new PageRequest(request.PageSize, request.PageToken, request.OrderBy));
        return Task.FromResult(new ListTokensResponse { Tokens = { page.Items.Select(Show) }, NextPageToken = page.Next });
    }

    public override async Task<RevokeTokenResponse> RevokeToken(RevokeTokenRequest request, ServerCallContext context)
    {
        await issuer.RevokeAsync(request.TokenId);
        return new RevokeTokenResponse();
    }

    public override async Task<ListAuditEntriesResponse> ListAuditEntries(ListAuditEntriesRequest request, ServerCallContext context)
    {
        var range = TimeRange.Of(request.TimeSince, request.TimeBefore, "time");
        var filter = new AuditFilter(request.Owner, request.Target, range.Since, range.Before);
        string asked = $"{request.Owner}\n{request.Target}" + (range is { Since: null, Before: null } ? "" : $"\n{range}");
        var page = await Page.OfAsync(
            (isDescending, after, count) =>
                audit.ListAsync(filter, isDescending, after is null ? null : PlaceOf(after), count, context.CancellationToken),
            AuditOrder,
            new PageRequest(request.PageSize, request.PageToken, request.OrderBy, asked));
        return new ListAuditEntriesResponse { Entries = { page.Items.Select(Show) }, NextPageToken = page.Next };
    }

    public override Task BackUpStore(
        BackUpStoreRequest request, IServerStreamWriter<BackUpStoreResponse> responseStream, ServerCallContext context) =>
        backups.SendAsync(responseStream, context.CancellationToken);

    public override Task<GetServerInfoResponse> GetServerInfo(GetServerInfoRequest request, ServerCallContext context) =>
        Task.FromResult(server.For(Show(Admission.CallerOf(context))));

    /// <exception cref="BadInputException">A client has made the page token up.</exception>
    private static long PlaceOf(string key) =>
        long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out long place)
            ? place
            : throw new BadInputException([PageToken.Forged]);

    /// <summary>A person whom the provider knows has a token that is not this coordinator's.</summary>
    private Token Show(Principal caller) => tokens.Find(caller.TokenId) is { } own
        ? Show(own)
        : new Token
        {
            TokenId = caller.TokenId, Role = caller.Role, Owner = caller.Owner, Host = caller.Host, RunId = caller.RunId,
        };

    private Token Show(HeldToken token) => new()
    {
        TokenId = token.Row.TokenId,
        Role = token.Row.Role,
        Owner = token.Row.Owner,
        Host = token.Row.Host,
        RunId = token.Row.RunId,
        Created = token.Row.Created.ToTimestamp(),
        Expires = token.Row.Expires?.ToTimestamp(),
        Revoked = token.Row.Revoked?.ToTimestamp(),
        LastUsed = tokens.LastUsedOf(token)?.ToTimestamp(),
    };

    private static AuditEntry Show(AuditRow row) => new()
    {
        Time = row.Time.ToTimestamp(),
        Owner = row.Owner,
        TokenId = row.TokenId,
        Role = Enum.TryParse(row.Role, out Role role) ? role : Role.Unspecified,
        Address = row.Address,
        Verb = row.Verb,
        Target = row.Target,
        Result = row.Result,
        Values = row.Values,
    };
}
