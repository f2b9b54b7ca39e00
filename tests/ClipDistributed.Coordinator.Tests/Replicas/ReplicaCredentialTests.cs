using System.Security.Cryptography;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Coordinator.Tests.Replicas;

public sealed class ReplicaCredentialTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1), Quarter = TimeSpan.FromMinutes(15);

    private readonly FakeTimeProvider time = new();
    private readonly byte[] first = RandomNumberGenerator.GetBytes(32);
    private readonly ReplicaLink link = new(term: 1);
    private readonly ReplicaCredential credential;

    public ReplicaCredentialTests() => credential = new ReplicaCredential(Row(first, []), Lifetime, time);

    [Fact]
    public void IsAuthentic_WithoutALink_IsForItsLifetime()
    {
        time.Advance(Lifetime - TimeSpan.FromSeconds(1));
        Assert.True(credential.IsAuthentic(first));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(credential.IsAuthentic(first)); // that it was shown meanwhile does not count
    }

    /// <summary>Whatever keeps new ones from it, such as a store that is unavailable for hours: its next calls are served.</summary>
    [Fact]
    public void IsAuthentic_LinkIsOpen_IsForAsLongAsThatAndItsLifetime()
    {
        credential.OnLinked();
        time.Advance(10 * Lifetime);
        Assert.True(credential.IsAuthentic(first));
        credential.OnUnlinked();
        time.Advance(Lifetime / 2);
        Assert.True(credential.IsAuthentic(first));
        time.Advance(Lifetime / 2);
        Assert.False(credential.IsAuthentic(first));
    }

    [Fact]
    public void Next_LinkIsOpen_IsDueFourTimesInALifetime()
    {
        Assert.Null(credential.Next());
        time.Advance(Quarter);
        Assert.Null(credential.Next()); // there is no link to send it over
        credential.OnLinked();
        var renewal = credential.Next()!;
        Assert.Equal(("demo-1", "demo-1-r1"), (renewal.RunId, renewal.ReplicaId));
        Assert.Equal(SHA256.HashData(first), renewal.Held);
        credential.Offer(renewal, link);
        Assert.Null(credential.Next()); // it is on its way
    }

    [Fact]
    public void IsAuthentic_NextOneIsOnItsWay_BothCountUntilItIsShown()
    {
        byte[] second = Renew();
        Assert.True(credential.IsAuthentic(first));
        Assert.True(credential.IsAuthentic(second));
        Assert.True(credential.IsAuthentic(first)); // of calls that were on their way
        time.Advance(ReplicaCredential.FormerGrace);
        Assert.False(credential.IsAuthentic(first));
        Assert.True(credential.IsAuthentic(second));
        Assert.False(credential.IsAuthentic(RandomNumberGenerator.GetBytes(32)));
        Assert.False(credential.IsAuthentic([]));
    }

    [Fact]
    public void IsAuthentic_NextOneIsShownAfterItsLifetime_ReplacesNothing()
    {
        byte[] second = Renew();
        credential.OnUnlinked();
        time.Advance(Lifetime);
        Assert.False(credential.IsAuthentic(second));
        Assert.Null(credential.Next()); // nothing is to be stored
        Assert.False(credential.IsAuthentic(first));
    }

    [Fact]
    public void Next_OneWasShown_IsStoredAlone()
    {
        byte[] second = Renew();
        Assert.True(credential.IsAuthentic(second));
        var renewal = credential.Next()!;
        Assert.Equal(SHA256.HashData(second), renewal.Held);
        Assert.Null(renewal.Secret);
        credential.Offer(renewal, link);
        Assert.Null(credential.Next());
        time.Advance(Quarter);
        Assert.NotNull(credential.Next()!.Secret);
    }

    /// <summary>What was sent over a link that broke may not have arrived.</summary>
    [Fact]
    public void Next_LinkWasReplacedBeforeItWasShown_IsAnother()
    {
        byte[] lost = Renew();
        credential.OnUnlinked();
        credential.OnLinked();
        var renewal = credential.Next()!;
        credential.Offer(renewal, link);
        Assert.False(credential.IsAuthentic(lost));
        Assert.True(credential.IsAuthentic(first));
        Assert.True(credential.IsAuthentic(renewal.Secret!.Value.Value.Span));
    }

    [Fact]
    public void IsAuthentic_OfALaterCoordinator_KnowsBoth()
    {
        byte[] second = RandomNumberGenerator.GetBytes(32);
        var later = new ReplicaCredential(Row(first, second), Lifetime, time);
        Assert.True(later.IsAuthentic(first));
        Assert.True(later.IsAuthentic(second));
    }

    /// <returns>The secret that the replica has been sent.</returns>
    private byte[] Renew()
    {
        credential.OnLinked();
        time.Advance(Quarter);
        var renewal = credential.Next()!;
        credential.Offer(renewal, link);
        return renewal.Secret!.Value.Value.ToByteArray();
    }

    private static ReplicaRow Row(byte[] held, byte[] next) => new()
    {
        RunId = "demo-1", ReplicaId = "demo-1-r1", Host = "a", Kind = DeviceKind.Cpu, DeviceIndex = 0, Restores = false,
        Launched = DateTime.UnixEpoch, SecretHash = SHA256.HashData(held), NextSecretHash = next.Length == 0 ? [] : SHA256.HashData(next),
    };
}
