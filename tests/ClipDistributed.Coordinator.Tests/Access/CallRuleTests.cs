using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Tests.Control.Callers;

namespace ClipDistributed.Coordinator.Tests.Access;

public sealed class CallRuleTests
{
    /// <summary>A call that is added says who may make it.</summary>
    [Fact]
    public void Rpcs_OfAllProtos_StateARole()
    {
        Assert.InRange(Rpc.All.Count, 18, 500);
        Assert.Empty(Rpc.All
            .Where(method => method.GetOptions()?.GetExtension(AccessExtensions.Role) is not { } role || role == Role.Unspecified)
            .Select(method => method.FullName));
    }

    [Theory]
    [InlineData("ListRuns", Role.Viewer, false)]
    [InlineData("WatchRun", Role.Viewer, false)]
    [InlineData("StopRun", Role.Operator, true)]
    [InlineData("DrainHost", Role.Operator, true)]
    [InlineData("ListTokens", Role.Admin, false)]
    [InlineData("RevokeToken", Role.Admin, true)]
    public void Of_Method_HasItsRoleAndWhetherItChanges(string name, Role role, bool isChange)
    {
        var rule = CallRule.Of(Rpc.Named(name));
        Assert.Equal((role, isChange), (rule.Role, rule.IsChange));
    }

    /// <summary>None of gRPC's own tools knows our roles: who may use it is nobody but an admin.</summary>
    [Fact]
    public void Of_MethodThatStatesNothing_IsForAdmins()
    {
        var foreign = Grpc.Health.V1.HealthReflection.Descriptor.Services[0].Methods[0];
        Assert.Equal(Role.Admin, CallRule.Of(foreign).Role);
    }

    [Theory]
    [InlineData(Role.Viewer, Role.Viewer, true)]
    [InlineData(Role.Viewer, Role.Operator, false)]
    [InlineData(Role.Operator, Role.Viewer, true)]
    [InlineData(Role.Operator, Role.Admin, false)]
    [InlineData(Role.Admin, Role.Admin, true)]
    [InlineData(Role.Admin, Role.Host, true)]
    [InlineData(Role.Operator, Role.Host, false)]
    [InlineData(Role.Host, Role.Host, true)]
    [InlineData(Role.Host, Role.Viewer, false)]
    [InlineData(Role.Replica, Role.Viewer, false)]
    [InlineData(Role.Unspecified, Role.Viewer, false)]
    [InlineData(Role.Operator, Role.Unspecified, false)]
    public void May_RoleAndRequirement_AreOrdered(Role role, Role required, bool expected) =>
        Assert.Equal(expected, new Principal("", "ann", role, "::1").May(required));
}
