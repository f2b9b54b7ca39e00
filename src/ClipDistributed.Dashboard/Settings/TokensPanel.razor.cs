using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Dashboard.Feeds;
using ClipDistributed.Dashboard.Pages;
using ClipDistributed.Dashboard.Shown;
using ClipDistributed.Dashboard.Tables;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Settings;

public sealed partial class TokensPanel : LivePage
{
    private LiveQuery<TokenList> query = default!;
    private Token? revoked; // is asked about
    private CreateTokenResponse? made; // is shown, once

    [SupplyParameterFromQuery]
    private string? Sort { get; set; }

    private TableView View => new(Sort, null);

    protected override Task OnInitializedAsync()
    {
        query = new LiveQuery<TokenList>(ReadAsync, RenderAsync, Clock, longest: TimeSpan.FromSeconds(10));
        return query.ReadAsync(Left);
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
            Begin(query.RunAsync);
    }

    private static string Scope(Token token) => token switch
    {
        { Host: not "" } => $"host {token.Host}",
        { RunId: not "" } => $"run {token.RunId}",
        _ => "all",
    };

    private string Age(Timestamp? at) => at is null ? Quantity.None : Quantity.Age(at.ToDateTimeOffset(), Clock.GetUtcNow());

    private string Until(Token token) => token switch
    {
        { Revoked: not null } => $"revoked, {Age(token.Revoked)}",
        { Expires: { } at } when at.ToDateTimeOffset() <= Clock.GetUtcNow() => "expired",
        { Expires: { } at } => $"{at.ToDateTime():yyyy-MM-dd}",
        _ => "no end",
    };

    private async Task<TokenList> ReadAsync(CancellationToken cancel)
    {
        var admin = await Calls.AdminAsync();
        var tokens = await admin.ListTokensAsync(new ListTokensRequest { PageSize = 1000 }, cancellationToken: cancel);
        var own = await admin.GetServerInfoAsync(new GetServerInfoRequest(), cancellationToken: cancel);
        return new TokenList(tokens.Tokens, tokens.NextPageToken != "", own.Caller.TokenId);
    }

    private void OnMade(CreateTokenResponse token)
    {
        made = token;
        query.Wake();
    }

    private async Task<IReadOnlyList<string>> RevokeAsync()
    {
        try
        {
            var admin = await Calls.AdminAsync();
            await admin.RevokeTokenAsync(new RevokeTokenRequest { TokenId = revoked!.TokenId }, deadline: DateTime.UtcNow.AddSeconds(30));
            query.Wake();
            return [];
        }
        catch (RpcException failed)
        {
            return [CallProblem.Of(failed).Text];
        }
    }
}
