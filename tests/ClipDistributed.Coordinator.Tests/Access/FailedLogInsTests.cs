using System.Net;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Settings;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Coordinator.Tests.Access;

public sealed class FailedLogInsTests
{
    private static readonly IPAddress Address = IPAddress.Parse("10.0.0.7");

    private readonly FakeTimeProvider time = new();
    private readonly FailedLogIns failed;

    public FailedLogInsTests() => failed = new FailedLogIns(
        new CoordinatorOptions { Limits = new CoordinatorLimits { FailedLogIns = 3, FailedLogInPeriod = TimeSpan.FromSeconds(6) } }, time);

    [Fact]
    public void TryTake_MoreThanAllowed_WaitsForThePeriod()
    {
        Assert.Equal(3, Enumerable.Range(0, 10).Count(_ => failed.TryTake(Address, out TimeSpan _)));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(failed.TryTake(Address, out var wait));
        Assert.Equal(4, wait.TotalSeconds, tolerance: 0.01);
        time.Advance(wait);
        Assert.True(failed.TryTake(Address, out _));
        Assert.False(failed.TryTake(Address, out _));
    }

    [Theory]
    [InlineData("10.0.0.8", true)]
    [InlineData("::ffff:10.0.0.7", false)]
    public void TryTake_AnotherAddress_HasItsOwn(string other, bool expected)
    {
        while (failed.TryTake(Address, out _))
        {
        }
        Assert.Equal(expected, failed.TryTake(IPAddress.Parse(other), out _));
    }

    /// <summary>A network of IPv6 has 2⁶⁴ addresses, and one owner.</summary>
    [Fact]
    public void TryTake_AddressesOfOneNetwork_ShareABucket()
    {
        Assert.Equal(3, Enumerable.Range(1, 50).Count(i => failed.TryTake(IPAddress.Parse($"2001:db8::{i}"), out TimeSpan _)));
        Assert.True(failed.TryTake(IPAddress.Parse("2001:db8:0:1::1"), out _));
    }

    /// <summary>No caller gets rid of its own bucket by the addresses of others.</summary>
    [Fact]
    public void TryTake_MoreAddressesThanArePlaces_ShareABucket()
    {
        while (failed.TryTake(Address, out _))
        {
        }
        int taken = Enumerable.Range(0, 3 * FailedLogIns.MaxAddresses)
            .Count(i => failed.TryTake(new IPAddress(0x01_000000L + i), out TimeSpan _));
        Assert.Equal(FailedLogIns.MaxAddresses - 1 + 3, taken);
        Assert.False(failed.TryTake(Address, out _));
        time.Advance(TimeSpan.FromMinutes(1)); // all are full again, and are forgotten
        Assert.True(failed.TryTake(IPAddress.Parse("10.9.9.9"), out _));
        Assert.Equal(2, Enumerable.Range(0, 10).Count(_ => failed.TryTake(IPAddress.Parse("10.9.9.9"), out TimeSpan _)));
    }
}
