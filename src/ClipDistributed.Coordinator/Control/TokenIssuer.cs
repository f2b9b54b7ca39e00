using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store.Rows;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Control;

/// <summary>Makes and revokes tokens.</summary>
internal sealed class TokenIssuer(TokenTable tokens, CoordinatorOptions options, TimeProvider time)
{
    private const int MaxOwner = 100;

    private readonly CoordinatorLimits limits = options.Limits;

    /// <returns>The token as lists show it, and its text, which cannot be shown again.</returns>
    /// <exception cref="BadInputException">There can be no such token.</exception>
    /// <exception cref="RequestRefusedException">There are too many.</exception>
    public async Task<(HeldToken Token, string Text)> CreateAsync(CreateTokenRequest request)
    {
        Check(request);
        await tokens.ForgetEndedAsync(); // they count no more
        if (tokens.Count >= limits.Tokens)
            throw new RequestRefusedException(
                StatusCode.ResourceExhausted, $"there are {Counted.Plain(tokens.Count, "token")}; revoke some, and try again in a month");
        var text = TokenText.New();
        await tokens.AddAsync(new TokenRow
        {
            TokenId = text.Id, Hash = text.Hash(), Role = request.Role, Owner = request.Owner, Host = request.Host, RunId = request.RunId,
            Created = time.GetUtcNow().UtcDateTime, Expires = request.Expires?.ToDateTime(),
        });
        return (tokens.Find(text.Id)!, text.Text);
    }

    /// <exception cref="RequestRefusedException">There is no such token.</exception>
    public Task RevokeAsync(string tokenId) => tokens.RevokeAsync(
        tokens.Find(tokenId) ?? throw RequestRefusedException.NotFound($"there is no token {tokenId}; clipd token list shows all"));

    private void Check(CreateTokenRequest request)
    {
        var errors = new List<InputError>();
        if (request.Role is not (Role.Viewer or Role.Operator or Role.Admin or Role.Host))
            Wrong("role", $"role is {request.Role.ToString().ToLowerInvariant()}; use viewer, operator, admin or host.");
        if (request.Owner.Length is 0 or > MaxOwner || request.Owner.Trim() != request.Owner)
            Wrong("owner", $"owner is '{Excerpt.Of(request.Owner)}'; say who has the token in 1 to {MaxOwner} characters.");
        Plain("owner", request.Owner);
        Plain("host", request.Host);
        Plain("run_id", request.RunId);
        if (request.Role == Role.Host && (request.Host.Length is 0 || request.Host.Length > limits.NameLength))
            Wrong("host", $"host is '{Excerpt.Of(request.Host)}'; a token of role host needs the name of its worker host.");
        if (request.Role != Role.Host && request.Host != "")
            Wrong("host", $"host is '{Excerpt.Of(request.Host)}'; leave it out, or use role host.");
        if (request.RunId != "" && request.Role is not (Role.Viewer or Role.Operator))
            Wrong("run_id", $"run_id is '{Excerpt.Of(request.RunId)}'; leave it out, or use role viewer or operator.");
        if (request.RunId.Length > limits.NameLength)
            Wrong("run_id", $"run_id has {Counted.Plain(request.RunId.Length, "character")}; use at most {limits.NameLength}.");
        if (request.Expires is { } expires && !IsInTheFuture(expires))
            Wrong("expires", "expires is past, or no time; use a later one, or leave it out.");
        if (errors.Count > 0)
            throw new BadInputException(errors);

        void Plain(string field, string text)
        {
            if (ControlText.Find(text) is { } found)
                Wrong(field, $"{field} has the control or formatting character {found}; delete it.");
            if (TokenMask.IsIn(text))
                Wrong(field, $"{field} holds a token, which anyone who lists tokens would see; write a name.");
        }

        void Wrong(string field, string text) => errors.Add(new InputError(field, text));
    }

    private bool IsInTheFuture(Timestamp moment)
    {
        var now = Timestamp.FromDateTimeOffset(time.GetUtcNow());
        return moment.Seconds > now.Seconds && moment.Seconds <= Timestamp.FromDateTime(DateTime.MaxValue.ToUniversalTime()).Seconds
            && moment.Nanos is >= 0 and < 1_000_000_000;
    }
}
