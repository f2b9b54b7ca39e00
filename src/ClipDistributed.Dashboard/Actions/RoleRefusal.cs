using ClipDistributed.Dashboard.Sessions;

namespace ClipDistributed.Dashboard.Actions;

/// <summary>Why a user may not steer runs and hosts.</summary>
internal static class RoleRefusal
{
    /// <returns>Null: the role suffices.</returns>
    public static string? Of(Session? session) => session switch
    {
        null => "you are signed out",
        { MayOperate: false } => $"your role is {session.RoleName}; it takes an operator",
        _ => null,
    };
}
