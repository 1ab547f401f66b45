// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title Play dollars with six decimals; anybody mints
contract PlayUsdc is ERC20("Play USDC", "USDC") {
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @title A token that keeps a percent of each transfer, or takes it from the sender on top
contract FeeToken is PlayUsdc {
    bool public onTop;

    function setOnTop(bool onTop_) external {
        onTop = onTop_;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (from == address(0) || to == address(0)) return super._update(from, to, value);
        uint256 fee = value / 100;
        super._update(from, to, onTop ? value : value - fee);
        super._update(from, address(0xfee), fee);
    }
}

/// @title A token that calls somebody in the middle of each transfer, like ERC-777's hooks
contract HookToken is PlayUsdc {
    address public target;
    bytes public call;
    bool public succeeded;
    uint256 public seen;

    function hook(address target_, bytes calldata call_) external {
        (target, call, succeeded) = (target_, call_, false);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (target == address(0)) return;
        bytes memory answer;
        (succeeded, answer) = target.call(call);
        if (succeeded && answer.length == 32) seen = abi.decode(answer, (uint256));
    }
}
