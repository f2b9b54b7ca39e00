using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Tests.Access;

public sealed class HeldTokenTests
{
    private static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
    private static readonly TimeSpan Grain = TimeSpan.FromMinutes(1);

    private readonly HeldToken token =
        new(new TokenRow { TokenId = "0123456789ab", Hash = [], Role = Role.Host, Owner = "rack 1", Created = Start });

    [Fact]
    public void LastUsedAt_Used_IsTheMomentItself()
    {
        Assert.Null(token.LastUsedAt(Start));
        token.OnUsed(Start);
        token.OnUsed(Start.AddSeconds(3));
        Assert.Equal(Start.AddSeconds(3), token.LastUsedAt(Start.AddDays(1)));
    }

    /// <summary>As a worker's, for days.</summary>
    [Fact]
    public void LastUsedAt_WhileACallIsOpen_IsNow()
    {
        token.OnUsed(Start);
        token.OnCallOpened();
        token.OnCallOpened();
        token.OnCallEnded(Start.AddHours(1));
        Assert.Equal(Start.AddDays(2), token.LastUsedAt(Start.AddDays(2)));
        token.OnCallEnded(Start.AddDays(3));
        Assert.Equal(Start.AddDays(3), token.LastUsedAt(Start.AddDays(4)));
    }

    [Fact]
    public void IsToSave_UsesWithinAMoment_AreOneToTheStore()
    {
        Assert.False(token.IsToSave(Start, Grain)); // it was never used
        token.OnUsed(Start);
        Assert.True(token.IsToSave(Start, Grain));
        token.OnSaved(token.LastUsedAt(Start));
        token.OnUsed(Start.AddSeconds(59));
        Assert.False(token.IsToSave(Start.AddSeconds(59), Grain));
        token.OnUsed(Start.AddSeconds(60));
        Assert.True(token.IsToSave(Start.AddSeconds(60), Grain));
    }
}
