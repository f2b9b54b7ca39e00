using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Coordinator.Settings;

/// <summary>Which role comes with which value of a claim.</summary>
internal static class OpenIdRoles
{
    /// <param name="given">As in <c>admin=clipd-admins</c>; the value may hold further signs of equality.</param>
    public static bool TryParse(string given, out Role role, out string value)
    {
        int sign = given.IndexOf('=', StringComparison.Ordinal);
        value = given[(sign + 1)..];
        role = (sign < 0 ? "" : given[..sign]) switch
        {
            "viewer" => Role.Viewer,
            "operator" => Role.Operator,
            "admin" => Role.Admin,
            _ => Role.Unspecified, // workers and replicas are no people
        };
        return role != Role.Unspecified && value != "";
    }

    /// <returns>The highest one; unspecified: none of the values has any.</returns>
    public static Role Of(OpenIdSettings settings, IReadOnlyCollection<string> values)
    {
        var found = Role.Unspecified;
        foreach (string given in settings.Roles)
        {
            if (TryParse(given, out var role, out string value) && role > found && values.Contains(value, StringComparer.Ordinal))
                found = role;
        }
        return found;
    }
}
