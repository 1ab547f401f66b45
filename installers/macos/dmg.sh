#!/bin/bash
# Recipe for Parlance.dmg on a Mac. Not built here, and it can't work yet: README.md says what is missing.
# Usage: IDENTITY="Developer ID Application: ..." PROFILE=dist installers/macos/dmg.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
programs=(parlance parlance-signer parlance-approve parlance-wallet parlance-llm parlance-desktop)
app=target/packages/Parlance.app
rm -rf "$app"
mkdir -p "$app/Contents/MacOS/models" "$app/Contents/Resources"
for name in "${programs[@]}"; do cp "target/${PROFILE:-dist}/$name" "$app/Contents/MacOS/"; done
cp local-llm/models/parlance-small.{gguf,ngram} "$app/Contents/MacOS/models/"
sed "s/@VERSION@/$version/" installers/macos/Info.plist >"$app/Contents/Info.plist"
mkdir -p target/packages/icon.iconset
cp src-tauri/icons/32x32.png target/packages/icon.iconset/icon_32x32.png
cp src-tauri/icons/128x128.png target/packages/icon.iconset/icon_128x128.png
cp src-tauri/icons/256x256.png target/packages/icon.iconset/icon_256x256.png
cp src-tauri/icons/icon.png target/packages/icon.iconset/icon_512x512.png
iconutil -c icns -o "$app/Contents/Resources/icon.icns" target/packages/icon.iconset
for name in "${programs[@]}"; do
    codesign --force --timestamp --options runtime --entitlements installers/macos/entitlements.plist --sign "$IDENTITY" "$app/Contents/MacOS/$name"
done
codesign --force --timestamp --options runtime --sign "$IDENTITY" "$app"
mkdir -p dist
hdiutil create -volname Parlance -srcfolder "$app" -format UDZO -ov "dist/Parlance-$version.dmg"
echo "Then: xcrun notarytool submit dist/Parlance-$version.dmg --wait, and xcrun stapler staple"
